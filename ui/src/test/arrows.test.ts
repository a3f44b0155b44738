import { ESLint } from "eslint";
import { expect, test } from "vitest";

const eslint = new ESLint();

async function complaints(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: file });
  return (result?.messages ?? [])
    .filter(
      ({ ruleId }) => ruleId === "no-restricted-imports" || ruleId === "no-restricted-globals",
    )
    .map(({ message }) => message);
}

test.each([
  ["src/features/tickets/buy.tsx", 'import "@/features/orders/status";'],
  ["src/features/auth/schemas.ts", 'import "@/app/routes";'],
  ["src/features/orders/status.tsx", 'import "../checkout/draft";'],
  ["src/components/card.tsx", 'import "@/features/orders/status";'],
  ["src/api/client.ts", 'import "@/components/card";'],
  ["src/lib/money.ts", 'import "@/api/client";'],
  ["src/lib/money.ts", 'localStorage.setItem("a", "b");'],
])("%s may not contain %s", { timeout: 60_000 }, async (file, code) => {
  expect(await complaints(file, code)).not.toEqual([]);
});

test("an arrow that points the right way passes", { timeout: 60_000 }, async () => {
  expect(await complaints("src/features/tickets/buy.tsx", 'import "@/components/card";')).toEqual(
    [],
  );
});
