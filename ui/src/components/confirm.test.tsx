import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Unreachable } from "@/api/problem";
import { Confirm } from "./confirm";

function aQuestion(act: () => Promise<unknown>) {
  render(
    <Confirm trigger="Refund" title="Refund this order?" confirm="Yes, refund" act={act}>
      <p>All of it.</p>
    </Confirm>,
  );
  return userEvent.click(screen.getByRole("button", { name: "Refund" }));
}

test("nothing happens before the question is answered", async () => {
  const act = vi.fn(() => Promise.resolve());
  await aQuestion(act);
  expect(screen.getByRole("alertdialog", { name: "Refund this order?" })).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Keep it" }));
  expect(act).not.toHaveBeenCalled();
});

test("two clicks are one act", async () => {
  const act = vi.fn(() => new Promise(() => undefined));
  await aQuestion(act);
  await userEvent.dblClick(screen.getByRole("button", { name: "Yes, refund" }));
  expect(act).toHaveBeenCalledOnce();
});

test("when it fails the question stays and says why, and can be answered again", async () => {
  const act = vi.fn().mockRejectedValueOnce(new Unreachable()).mockResolvedValueOnce(undefined);
  await aQuestion(act);
  await userEvent.click(screen.getByRole("button", { name: "Yes, refund" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("cannot be reached");
  await userEvent.click(screen.getByRole("button", { name: "Yes, refund" }));
  expect(act).toHaveBeenCalledTimes(2);
});
