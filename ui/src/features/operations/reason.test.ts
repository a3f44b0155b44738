import { expect, test } from "vitest";
import { readMinutes, wrongReason } from "./reason";

test.each(["", "ok", "  no  ", "x".repeat(201), "ann@example.com asked"])(
  "%j is no reason",
  (typed) => expect(wrongReason(typed)).toBeDefined(),
);

test.each(["The bank was down.", " why ", "x".repeat(200), "2 @ noon"])("%j is a reason", (typed) =>
  expect(wrongReason(typed)).toBeUndefined(),
);

test.each([
  ["1", 1],
  [" 60 ", 60],
  ["05", 5],
  ["0", undefined],
  ["61", undefined],
  ["1.5", undefined],
  ["-5", undefined],
  ["ten", undefined],
  ["", undefined],
])("%j is %j minutes", (typed, minutes) => {
  expect(readMinutes(typed)).toBe(minutes);
});
