import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { problem, serve, show } from "@/test/app";
import { Component as PurchasesPage } from "./purchases-page";
import { aPurchase } from "./samples";

const LIST = "GET /api/operations/purchases";
const aPage = (...titles: string[]) => ({
  body: {
    items: titles.map((title) => aPurchase({ order_id: title, ticket_title: title })),
    next_cursor: null,
  },
});

afterEach(() => {
  vi.useRealTimers();
  look("visible");
});

/** The tab is looked at, or not. */
function look(state: "visible" | "hidden"): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  window.dispatchEvent(new Event("visibilitychange"));
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

test("the list is asked for again every few seconds, while it is looked at", async () => {
  vi.useFakeTimers();
  const asked = serve({ [LIST]: [aPage("Rock"), aPage("Rock", "Jazz")] });
  show(<PurchasesPage />);
  await pass(100);
  expect(screen.getAllByRole("article")).toHaveLength(1);
  await pass(5_000);
  expect(screen.getAllByRole("article")).toHaveLength(2);

  look("hidden");
  await pass(100);
  const before = asked.length;
  await pass(60_000);
  expect(asked).toHaveLength(before);
  look("visible");
  await pass(5_000);
  expect(asked.length).toBeGreaterThan(before);
});

test("what cannot be loaded says why, and can be tried again", async () => {
  const refused = {
    status: 403,
    body: problem("operators-only", 403, { detail: "Only operators can see and do that." }),
  };
  serve({ [LIST]: [refused, aPage("Rock")] });
  show(<PurchasesPage />);
  expect(await screen.findByRole("alert")).toHaveTextContent("Only operators can see and do that.");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "Rock" })).toBeInTheDocument();
});

test("the purchases of a person with several accounts are found under all of them", async () => {
  const asked = serve({
    "POST /api/operations/people": { body: { user_ids: ["one", "two"] } },
    [LIST]: [aPage(), aPage(), aPage("Jazz")],
  });
  show(<PurchasesPage />);
  expect(await screen.findByText("Nobody is buying right now.")).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText("Search"), " ann@example.com{Enter}");
  expect(await screen.findByRole("link", { name: "Jazz" })).toBeInTheDocument();
  expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ email: "ann@example.com" });
  const tables = screen.getAllByRole("link", { name: /^Export CSV/ });
  expect(tables.map((table) => table.getAttribute("href"))).toEqual([
    "/api/operations/purchases.csv?state=any&search=one",
    "/api/operations/purchases.csv?state=any&search=two",
  ]);
});

test("what is no id is not asked for", async () => {
  const asked = serve({ [LIST]: aPage() });
  show(<PurchasesPage />);
  await screen.findByText("Nobody is buying right now.");
  const before = asked.length;
  await userEvent.type(screen.getByLabelText("Search"), "Ann Lee{Enter}");
  expect(screen.getByLabelText("Search")).toBeInvalid();
  expect(asked).toHaveLength(before);
});

test("the arrow keys lead from purchase to purchase", async () => {
  serve({ [LIST]: aPage("Rock", "Jazz") });
  show(<PurchasesPage />);
  const rock = await screen.findByRole("link", { name: "Rock" });
  const jazz = screen.getByRole("link", { name: "Jazz" });
  rock.focus();
  await userEvent.keyboard("{ArrowDown}");
  expect(jazz).toHaveFocus();
  await userEvent.keyboard("{ArrowDown}");
  expect(jazz).toHaveFocus();
  await userEvent.keyboard("{ArrowUp}");
  expect(rock).toHaveFocus();
});
