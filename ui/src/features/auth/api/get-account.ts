import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

/** How the signed-in user gets in. */
export const account = queryOptions({
  queryKey: ["account"],
  queryFn: ({ signal }) => answer(api.GET("/api/users/me/account", { signal })),
});
