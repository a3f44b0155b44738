import { expect, test } from "vitest";
import { readSearch, tablesOf, understand, writeSearch } from "./purchase-search";

const read = (text: string) => readSearch(new URLSearchParams(text));

test.each(["", "state=complete", "q=pi_1", "state=open&q=pi_1", "q=a&q=b&state=cancelled"])(
  "/operations?%s leads to the same list again",
  (text) => {
    const search = read(text);
    expect(readSearch(writeSearch(search))).toEqual(search);
  },
);

test("without a search the open purchases are listed, with one all that fit", () => {
  expect(read("").state).toBe("open");
  expect(read("q=pi_1").state).toBe("any");
  expect(read("q=pi_1&state=open").state).toBe("open");
});

test("what makes no sense is not asked for", () => {
  expect(read("state=lost&q=a b&q=ann@example.com&q=&q=x&q=x")).toEqual({
    state: "any",
    ids: ["x"],
  });
});

test.each([
  ["  ", { kind: "nothing" }],
  [" 0f1e-2d ", { kind: "id", id: "0f1e-2d" }],
  ["#0f1e", { kind: "id", id: "0f1e" }],
  ["purchase-0f1e", { kind: "id", id: "0f1e" }],
  ["refund-0f1e", { kind: "id", id: "0f1e" }],
  ["pi_3Q_secret_s3cr3t", { kind: "id", id: "pi_3Q" }],
  [" ann@example.com", { kind: "email", email: "ann@example.com" }],
  ["Ann Lee", undefined],
  ["{$ne: 1}", undefined],
])("%j is understood", (typed, meant) => {
  expect(understand(typed)).toEqual(meant);
});

test("the exported table has the filters of the list", () => {
  expect(tablesOf(read("state=complete"))).toEqual([
    "/api/operations/purchases.csv?state=complete",
  ]);
  expect(tablesOf(read("q=a&q=b"))).toEqual([
    "/api/operations/purchases.csv?state=any&search=a",
    "/api/operations/purchases.csv?state=any&search=b",
  ]);
});
