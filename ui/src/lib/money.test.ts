import { expect, test } from "vitest";
import { formatMoney, parseMoney, typedMoney } from "./money";

test.each([
  ["30", 3000],
  ["$30", 3000],
  ["30.5", 3050],
  ["30,50 $", 3050],
  ["1,234.50", 123450],
  ["1.234,50", 123450],
  ["1 234,50", 123450],
  ["1,234", 123400],
  ["1.10", 110],
  ["19.99", 1999],
  ["  $ 1.00 CAD ", 100],
  ["0", 0],
])("%j is an amount", (typed, minor) => {
  expect(parseMoney(typed)).toBe(minor);
});

test.each(["", "abc", "-5", "1.234", "1.2.3", "12,34,56", "1e5", "0x10", "NaN", "3.999", "٣"])(
  "%j is none",
  (typed) => {
    expect(parseMoney(typed)).toBeUndefined();
  },
);

test("every price survives being typed again", () => {
  for (let minor = 0; minor < 120_000; minor += 7) {
    expect(parseMoney(typedMoney(minor))).toBe(minor);
    expect(parseMoney(formatMoney({ amount: minor, currency: "CAD" }))).toBe(minor);
  }
});
