import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clockFace, markBetween, spoken, useSecondsUntil } from "./countdown";
import { learnFrom, serverNow } from "./server-clock";

const NOW = Date.parse("2026-11-01T10:00:00Z");
const DEADLINE = "2026-11-01T10:15:00Z";

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  learnFrom(new Date(NOW).toUTCString(), NOW, NOW);
});
afterEach(() => {
  vi.useRealTimers();
});

test("it starts with the whole time and never flashes an end", () => {
  const { result } = renderHook(() => useSecondsUntil(DEADLINE));
  expect(result.current).toBe(900);
});

test("it goes on by the second and stops at nothing", () => {
  const { result } = renderHook(() => useSecondsUntil(DEADLINE));
  act(() => {
    vi.advanceTimersByTime(10_000);
  });
  expect(result.current).toBe(890);
  act(() => {
    vi.advanceTimersByTime(3_600_000);
  });
  expect(result.current).toBe(0);
});

test("after a sleep, in which no timer ran, it is right as soon as the page is looked at", () => {
  const { result } = renderHook(() => useSecondsUntil(DEADLINE));
  vi.setSystemTime(NOW + 600_000);
  act(() => {
    document.dispatchEvent(new Event("visibilitychange"));
  });
  expect(result.current).toBe(300);
});

test.each([3_600_000, -3_600_000])("a clock that is off by %d ms changes nothing", (off) => {
  vi.setSystemTime(NOW + off);
  const { result } = renderHook(() => useSecondsUntil(DEADLINE));
  act(() => {
    learnFrom(new Date(NOW).toUTCString(), NOW + off - 20, NOW + off);
  });
  expect(Math.abs(result.current - 900)).toBeLessThanOrEqual(2);
});

test("differences within what a Date header can tell are no reason to jump", () => {
  const believed = serverNow();
  learnFrom(new Date(believed - 1_000).toUTCString(), NOW - 50, NOW);
  expect(serverNow()).toBe(believed);
});

test("no header, or one that is no date, teaches nothing", () => {
  const believed = serverNow();
  learnFrom(null, NOW, NOW);
  learnFrom("soon", NOW, NOW);
  expect(serverNow()).toBe(believed);
});

test("marks are passed once, and after a sleep only the last one counts", () => {
  expect(markBetween(301, 300)).toBe(300);
  expect(markBetween(300, 299)).toBeUndefined();
  expect(markBetween(61, 60)).toBe(60);
  expect(markBetween(31, 30)).toBe(30);
  expect(markBetween(1, 0)).toBe(0);
  expect(markBetween(400, 10)).toBe(30);
  expect(markBetween(10, 130)).toBeUndefined();
});

test("it is shown as on a clock and said as a sentence", () => {
  expect(clockFace(842)).toBe("14:02");
  expect(clockFace(3_661)).toBe("1:01:01");
  expect(spoken(300)).toBe("5 minutes left to pay.");
  expect(spoken(60)).toBe("1 minute left to pay.");
  expect(spoken(30)).toBe("30 seconds left to pay.");
  expect(spoken(0)).toBe("Time is up.");
});
