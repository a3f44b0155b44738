import { expect, test } from "vitest";
import { formatLongDay, formatTime, fromLocalInput, toLocalInput } from "./dates";

test("a weekday is the one in the calendar", () => {
  expect(formatLongDay("2024-08-15T12:00:00")).toContain("Thursday");
});

test("midnight is twelve", () => {
  expect(formatTime("2024-08-15T00:05:00")).toMatch(/^12:05/);
});

test("what is typed and shown is the same moment", () => {
  const iso = fromLocalInput("2027-05-01T19:30");
  expect(iso && toLocalInput(iso)).toBe("2027-05-01T19:30");
  expect(fromLocalInput("")).toBeUndefined();
});
