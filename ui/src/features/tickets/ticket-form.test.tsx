import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Problem } from "@/api/problem";
import type { TicketDraft } from "@/api/types";
import { show } from "@/test/app";
import { TicketForm } from "./ticket-form";

function aForm(save: (draft: TicketDraft) => Promise<unknown> = () => Promise.resolve()) {
  const saved = vi.fn(save);
  show(<TicketForm submit="Save" save={saved} />);
  return saved;
}

test("a price is typed as people type it, tidied, and sent in cents", async () => {
  const saved = aForm();
  await userEvent.type(screen.getByLabelText("Title"), "Rock");
  await userEvent.type(screen.getByLabelText("Price (CAD)"), "$1,234.5");
  await userEvent.tab();
  expect(screen.getByLabelText("Price (CAD)")).toHaveValue("1,234.50");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(saved.mock.calls[0]?.[0]).toMatchObject({ title: "Rock", price: { amount: 123450 } });
});

test("an empty form says what is missing and sends nothing", async () => {
  const saved = aForm();
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(screen.getByLabelText("Title")).toHaveAccessibleDescription("Give the ticket a title.");
  expect(screen.getByLabelText("Title")).toHaveFocus();
  expect(saved).not.toHaveBeenCalled();
});

test("what the API finds wrong is shown at its field, and the form can be sent again", async () => {
  const errors = [
    { field: "price.amount", message: "Too much for this." },
    { field: "elsewhere", message: "And something else." },
  ];
  const refused = new Problem({
    type: "/problems/invalid-request",
    title: "No.",
    status: 422,
    errors,
  });
  let times = 0;
  const saved = aForm(() => (times++ === 0 ? Promise.reject(refused) : Promise.resolve()));
  await userEvent.type(screen.getByLabelText("Title"), "Rock");
  await userEvent.type(screen.getByLabelText("Price (CAD)"), "30");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(screen.getByLabelText("Price (CAD)")).toHaveAccessibleDescription("Too much for this.");
  expect(screen.getByRole("alert")).toHaveTextContent("And something else.");

  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(saved).toHaveBeenCalledTimes(2);
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("two clicks are one request", async () => {
  const saved = aForm(() => new Promise(() => undefined));
  await userEvent.type(screen.getByLabelText("Title"), "Rock");
  await userEvent.type(screen.getByLabelText("Price (CAD)"), "30");
  await userEvent.dblClick(screen.getByRole("button", { name: "Save" }));
  expect(saved).toHaveBeenCalledTimes(1);
});
