import { expect, test } from "vitest";
import { loginPath, safeNext } from "./next-path";

test.each(["/orders/1", "/?q=rock&min=20", "/tickets/1/edit"])("%s is a path of ours", (path) => {
  expect(safeNext(path)).toBe(path);
});

test.each([
  null,
  "",
  "orders",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "https:evil.example",
  "https://evil.example/",
  "javascript:alert(1)",
  "/\r\nLocation: https://evil.example",
  "/\t/evil.example",
  " //evil.example",
])("%j leads to the landing page", (next) => {
  expect(safeNext(next)).toBe("/");
});

test("the login page leads back to where one was", () => {
  const url = new URL(loginPath("/orders/1?a=b"), "https://x.example");
  expect(safeNext(url.searchParams.get("next"))).toBe("/orders/1?a=b");
  expect(loginPath("/")).toBe("/login");
});
