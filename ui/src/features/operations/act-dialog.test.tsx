import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Problem } from "@/api/problem";
import { ActDialog, type Said } from "./act-dialog";

async function aQuestion(act: (said: Said) => Promise<unknown>, asksMinutes = false) {
  render(
    <ActDialog
      trigger="More time"
      title="Give the buyer more time?"
      confirm="Extend"
      asksMinutes={asksMinutes}
      act={act}
    >
      <p>Never to more than an hour from now.</p>
    </ActDialog>,
  );
  await userEvent.click(screen.getByRole("button", { name: "More time" }));
}

const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));
const reason = () => screen.getByLabelText("Reason");

test("nothing is done without a reason, nor with one that names somebody", async () => {
  const act = vi.fn(() => Promise.resolve());
  await aQuestion(act);
  expect(reason()).toHaveAccessibleDescription(/^Name nobody/);
  await press("Extend");
  expect(reason()).toHaveAccessibleDescription(/^Say in a few words why\./);
  expect(reason()).toHaveFocus();
  await userEvent.type(reason(), "ann@example.com asked");
  await press("Extend");
  expect(reason()).toHaveAccessibleDescription(/^Name nobody: leave the e-mail address out\./);
  expect(act).not.toHaveBeenCalled();
});

test("minutes are whole and at most an hour", async () => {
  const act = vi.fn(() => Promise.resolve());
  await aQuestion(act, true);
  const minutes = screen.getByLabelText("Minutes");
  await userEvent.clear(minutes);
  await userEvent.type(minutes, "90");
  await userEvent.type(reason(), "  The bank was down. ");
  await press("Extend");
  expect(minutes).toBeInvalid();
  expect(minutes).toHaveFocus();
  expect(act).not.toHaveBeenCalled();
  await userEvent.clear(minutes);
  await userEvent.type(minutes, "5");
  await press("Extend");
  expect(act).toHaveBeenCalledExactlyOnceWith({ reason: "The bank was down.", minutes: 5 });
  expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument();
});

test("when it is refused the question stays and says why, and can be answered again", async () => {
  const refusal = new Problem({
    type: "/problems/action-refused",
    title: "That cannot be done to this purchase now.",
    status: 409,
    detail: "The money is being taken already.",
  });
  const act = vi.fn().mockRejectedValueOnce(refusal).mockResolvedValueOnce(undefined);
  await aQuestion(act);
  await userEvent.type(reason(), "The bank was down.");
  await press("Extend");
  expect(await screen.findByRole("alert")).toHaveTextContent("The money is being taken already.");
  expect(reason()).toHaveValue("The bank was down.");
  await press("Extend");
  expect(act).toHaveBeenCalledTimes(2);
});
