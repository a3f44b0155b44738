import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { anOrder, problem, serve, show } from "@/test/app";
import { BillingForm } from "./billing-form";
import { forgetDraft } from "./draft";

const PATH = "/api/orders/0f1e2d3c-order/billing";

async function fillIn(): Promise<void> {
  await userEvent.type(screen.getByLabelText("Full name"), "Ada Lovelace");
  await userEvent.type(screen.getByLabelText("Address line 1"), "178 Victoria St");
  await userEvent.type(screen.getByLabelText("City"), "Toronto");
  await userEvent.selectOptions(screen.getByLabelText("Province or territory"), "ON");
  await userEvent.type(screen.getByLabelText("Postal code"), "m5b1t7");
}

function aForm() {
  forgetDraft(anOrder().id);
  const onSaved = vi.fn();
  const form = (
    <BillingForm order={anOrder()} disabled={false} onSaved={onSaved} onCancel={undefined} />
  );
  return { onSaved, form, ...show(form) };
}

const send = () => userEvent.click(screen.getByRole("button", { name: "Continue to payment" }));

test("an incomplete address says what is missing", async () => {
  const asked = serve({});
  aForm();
  await send();
  expect(await screen.findByText("Choose a province.")).toBeInTheDocument();
  expect(screen.getByLabelText("Province or territory")).toHaveAccessibleDescription(
    "Choose a province.",
  );
  expect(screen.getByLabelText("Full name")).toHaveFocus();
  expect(asked).toEqual([]);
});

test("it is sent tidily", async () => {
  const asked = serve({ [`PUT ${PATH}`]: { body: anOrder() } });
  const { onSaved } = aForm();
  await fillIn();
  await send();
  expect(onSaved).toHaveBeenCalledOnce();
  expect(asked[0]?.body).toEqual({
    name: "Ada Lovelace",
    address: {
      country: "CA",
      line1: "178 Victoria St",
      line2: null,
      city: "Toronto",
      region: "ON",
      postal_code: "M5B 1T7",
    },
  });
});

test("what the API finds wrong is shown at its field", async () => {
  const errors = [{ field: "address.city", message: "Must not be blank." }];
  serve({ [`PUT ${PATH}`]: { status: 422, body: problem("invalid-request", 422, { errors }) } });
  aForm();
  await fillIn();
  await send();
  expect(screen.getByLabelText("City")).toHaveAccessibleDescription("Must not be blank.");
});

test("what was typed is still there after the page was left to sign in again", async () => {
  serve({ [`PUT ${PATH}`]: { status: 401, body: problem("not-signed-in", 401) } });
  const { unmount, form } = aForm();
  await fillIn();
  await send();
  unmount();
  show(form);
  expect(screen.getByLabelText("Full name")).toHaveValue("Ada Lovelace");
  expect(screen.getByLabelText("Province or territory")).toHaveValue("ON");
  expect(JSON.stringify(sessionStorage)).not.toContain("Ada");
});

test("elsewhere there are no provinces, and a region may lack", async () => {
  const asked = serve({ [`PUT ${PATH}`]: { body: anOrder() } });
  aForm();
  await userEvent.selectOptions(screen.getByLabelText("Country or region"), "CH");
  await userEvent.type(screen.getByLabelText("Full name"), "Ada");
  await userEvent.type(screen.getByLabelText("Address line 1"), "Langstrasse 1");
  await userEvent.type(screen.getByLabelText("City"), "Zürich");
  await userEvent.type(screen.getByLabelText("Postal code"), "8004");
  await send();
  expect(asked[0]?.body).toMatchObject({ address: { country: "CH", region: null } });
});
