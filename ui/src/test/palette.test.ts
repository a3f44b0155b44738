import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const TOKENS = readFileSync("src/styles/tokens.css", "utf8");
const color = (name: string): string =>
  new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(TOKENS)?.[1] ?? name;

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(color(one)), luminance(color(other))].sort(
    (a, b) => b - a,
  );
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ["background", "surface", "surface-raised"];
const WORDS = ["text", "text-muted", "link", "pink-text", "good", "warn", "bad"];

test.each(SURFACES.flatMap((surface) => WORDS.map((word) => [word, surface] as const)))(
  "%s on %s can be read",
  (word, surface) => {
    expect(contrast(word, surface)).toBeGreaterThanOrEqual(4.5);
  },
);

test.each([
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
  ["text", "pink"],
  ["on-accent", "pink-strong"],
  ["text", "surface-bright"],
])("%s on %s can be read", (word, surface) => {
  expect(contrast(word, surface)).toBeGreaterThanOrEqual(4.5);
});

test.each(SURFACES)("the outline of a field stands out from %s", (surface) => {
  expect(contrast("outline", surface)).toBeGreaterThanOrEqual(3);
});

test("the measure measures: black on white is 21 to 1", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
});
