import { lazy, Suspense, useSyncExternalStore, type ReactNode } from "react";
import { hasSpoken, onFirstWord, say } from "@/lib/toasts";

/** What shows them is fetched when there is something to say. */
const Shown = lazy(() => import("./toast-region"));

/** Around everything that may say something in passing. */
export function Toasts({ children }: { children: ReactNode }) {
  const needed = useSyncExternalStore(onFirstWord, hasSpoken);
  return (
    <>
      {children}
      {needed && (
        <Suspense>
          <Shown />
        </Suspense>
      )}
    </>
  );
}

/** Say something in passing; it is read out politely and goes by itself. */
export function useToast(): (title: string) => void {
  return say;
}
