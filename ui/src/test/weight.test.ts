import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const MOST = 150 * 1000;
const MANIFEST = "dist/.vite/manifest.json";

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
}

/** What a first visit of the landing page loads before it can show anything. */
function firstLoad(manifest: Record<string, Chunk>): string[] {
  const files = new Set<string>();
  function follow(name: string): void {
    const chunk = manifest[name];
    if (!chunk || files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.imports?.forEach(follow);
  }
  for (const [name, chunk] of Object.entries(manifest)) if (chunk.isEntry) follow(name);
  return [...files];
}

test.runIf(existsSync(MANIFEST))("a first load is at most 150 kB of compressed script", () => {
  const manifest = JSON.parse(readFileSync(MANIFEST, "utf8")) as Record<string, Chunk>;
  const files = firstLoad(manifest);
  const weight = files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(`dist/${file}`)).length,
    0,
  );
  expect(files.length).toBeGreaterThan(0);
  expect(weight).toBeGreaterThan(50_000);
  expect(weight).toBeLessThanOrEqual(MOST);
});

test.runIf(existsSync(MANIFEST))("no script is written into the page itself", () => {
  const page = readFileSync("dist/index.html", "utf8");
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>/);
  expect(page).not.toMatch(/<style|style=/);
});
