import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { createBrowserRouter, RouterProvider } from "react-router";
import { createQueries } from "@/api/queries";
import { Toasts } from "@/components/toast";
import { routes } from "./routes";

/** Everything that all pages share. */
export function App() {
  const [queries] = useState(createQueries);
  const [router] = useState(() => createBrowserRouter(routes(queries)));
  return (
    <QueryClientProvider client={queries}>
      <Toasts>
        <RouterProvider router={router} />
      </Toasts>
    </QueryClientProvider>
  );
}
