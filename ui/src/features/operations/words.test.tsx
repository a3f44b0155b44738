import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import { Words } from "./words";

const html = (said: string): string => render(<Words>{said}</Words>).container.innerHTML;

test("bold and code are shown as such", () => {
  expect(html("Waiting for **payment** of `pi_1`.")).toBe(
    "Waiting for <strong>payment</strong> of <code>pi_1</code>.",
  );
});

test("nothing else is more than text", () => {
  expect(html("[click](javascript:alert(1)) <img src=x onerror=alert(1)>")).toBe(
    "[click](javascript:alert(1)) &lt;img src=x onerror=alert(1)&gt;",
  );
  expect(html("`<b>`")).toBe("<code>&lt;b&gt;</code>");
});

test("a mark without its other half is text", () => {
  expect(html("2 ** 3 and `x")).toBe("2 ** 3 and `x");
});
