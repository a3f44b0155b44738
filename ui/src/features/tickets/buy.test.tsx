import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { anOrder, aTicket, problem, serve, show } from "@/test/app";
import { Buy } from "./buy";

const ME = {
  body: { id: "buyer", email: "b@example.com", email_verified: true, role: "user", created_at: "" },
};

async function buyButton() {
  const button = await screen.findByRole("button", { name: "Buy this ticket" });
  await waitFor(() => expect(button).not.toHaveAttribute("aria-disabled", "true"));
  return button;
}

test("two clicks are one order", async () => {
  const asked = serve({
    "GET /api/users/me": ME,
    "POST /api/orders": { status: 201, body: anOrder() },
  });
  show(<Buy ticket={aTicket()} gone={false} />);
  await userEvent.dblClick(await buyButton());
  expect(asked.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("while the outcome is not known, another click is the same purchase", async () => {
  const asked = serve({
    "GET /api/users/me": ME,
    "POST /api/orders": [
      "away",
      { status: 503, body: problem("unavailable", 503) },
      { status: 201, body: anOrder() },
    ],
  });
  show(<Buy ticket={aTicket()} gone={false} />);
  await userEvent.click(await buyButton());
  expect(await screen.findByRole("alert")).toHaveTextContent("cannot be reached");
  await userEvent.click(await buyButton());
  await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent("It is unavailable."));
  await userEvent.click(await buyButton());

  const keys = asked
    .filter(({ method }) => method === "POST")
    .map(({ headers }) => headers.get("Idempotency-Key"));
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(sessionStorage).toHaveLength(0);
});

test("after a refusal the next click is another purchase", async () => {
  const asked = serve({
    "GET /api/users/me": ME,
    "POST /api/orders": { status: 409, body: problem("ticket-unavailable", 409) },
  });
  show(<Buy ticket={aTicket()} gone={false} />);
  await userEvent.click(await buyButton());
  expect(await screen.findByRole("alert")).toHaveTextContent("It is ticket-unavailable.");
  await userEvent.click(await buyButton());
  const keys = asked
    .filter(({ method }) => method === "POST")
    .map(({ headers }) => headers.get("Idempotency-Key"));
  expect(new Set(keys).size).toBe(2);
});

test("somebody who is not signed in is led there, and back", async () => {
  serve({ "GET /api/users/me": { status: 401, body: problem("not-signed-in", 401) } });
  show(<Buy ticket={aTicket()} gone={false} />);
  const link = await screen.findByRole("link", { name: "Log in to buy" });
  expect(link).toHaveAttribute("href", "/login?next=%2Ftickets%2Ft1");
});

test("a ticket that is held for me leads to its checkout", async () => {
  serve({
    "GET /api/users/me": ME,
    "GET /api/orders": { body: { items: [anOrder()], next_cursor: null } },
  });
  show(<Buy ticket={aTicket({ status: "reserved" })} gone={false} />);
  const link = await screen.findByRole("link", { name: "Go on to the checkout" });
  expect(link).toHaveAttribute("href", "/orders/0f1e2d3c-order");
});

test.each([
  ["reserved", "Somebody is paying for this ticket right now"],
  ["sold", "This ticket is sold."],
] as const)("a ticket that is %s by others cannot be bought", async (status, words) => {
  serve({ "GET /api/users/me": ME, "GET /api/orders": { body: { items: [], next_cursor: null } } });
  show(<Buy ticket={aTicket({ status })} gone={false} />);
  expect(await screen.findByText(words, { exact: false })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Buy this ticket" })).not.toBeInTheDocument();
});
