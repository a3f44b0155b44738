import { useSyncExternalStore } from "react";
import { serverNow } from "@/lib/server-clock";

const TICK_MS = 250;

/** The server's clock in milliseconds, in steps of a second: many look at it, one timer moves it. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, wholeSecond);
}

const wholeSecond = (): number => Math.floor(serverNow() / 1_000) * 1_000;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((each) => each()), TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
