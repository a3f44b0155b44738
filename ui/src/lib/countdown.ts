import { useEffect, useState } from "react";
import { onClockChange, serverNow } from "./server-clock";

const TICK_MS = 250;

/** Seconds left at which whoever listens is told. */
export const MARKS = [300, 60, 30, 0] as const;

/**
 * Whole seconds until a moment of the server's clock, never below zero. It is computed anew each
 * time, not counted down, so that it is right after this machine has slept.
 */
export function useSecondsUntil(iso: string): number {
  const [seconds, setSeconds] = useState(() => secondsUntil(iso));
  useEffect(() => {
    const look = (): void => setSeconds(secondsUntil(iso));
    look();
    const timer = setInterval(look, TICK_MS);
    const forget = onClockChange(look);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      forget();
      document.removeEventListener("visibilitychange", look);
    };
  }, [iso]);
  return seconds;
}

export function secondsUntil(iso: string): number {
  return Math.max(0, Math.ceil((Date.parse(iso) - serverNow()) / 1_000));
}

/** The lowest mark that was passed between two looks, if any: after a sleep only the last counts. */
export function markBetween(before: number, now: number): number | undefined {
  return MARKS.filter((mark) => before > mark && now <= mark).at(-1);
}

/** "14:05"; hours only when there are any. */
export function clockFace(seconds: number): string {
  const pad = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor((seconds % 3600) / 60))}:${pad(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** The same, to be said. */
export function spoken(seconds: number): string {
  if (seconds === 0) return "Time is up.";
  if (seconds < 60) return `${seconds} seconds left to pay.`;
  const minutes = Math.round(seconds / 60);
  return `${minutes} ${minutes === 1 ? "minute" : "minutes"} left to pay.`;
}
