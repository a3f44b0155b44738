import { expect, test } from "vitest";
import { age, inUtc, shortUtc } from "./utc";

const NOON = Date.parse("2026-11-25T12:00:00Z");

test("a moment is told in UTC, whichever zone it was written in", () => {
  expect(inUtc("2026-11-25T14:05:10.123456Z")).toBe("2026-11-25 14:05:10 UTC");
  expect(inUtc("2026-11-25T23:30:00-05:00")).toBe("2026-11-26 04:30:00 UTC");
});

test("the day is said when it is not today's", () => {
  expect(shortUtc("2026-11-25T14:05:10Z", NOON)).toBe("14:05:10 UTC");
  expect(shortUtc("2026-11-24T14:05:10Z", NOON)).toBe("2026-11-24 14:05:10 UTC");
});

test.each([
  [0, "0 s"],
  [59, "59 s"],
  [60, "1 min"],
  [3_599, "59 min"],
  [3_600, "1 h"],
  [47 * 3_600, "47 h"],
  [48 * 3_600, "2 d"],
  [-5, "0 s"],
])("what is %d seconds old is %s old", (seconds, words) => {
  expect(age(new Date(NOON - seconds * 1_000).toISOString(), NOON)).toBe(words);
});
