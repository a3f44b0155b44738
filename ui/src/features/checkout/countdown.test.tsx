import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Countdown } from "./countdown";

test("it is shown every second and said only at its marks", () => {
  const { rerender } = render(<Countdown seconds={302} />);
  const said = screen.getByRole("status");
  expect(screen.getByRole("timer")).toHaveTextContent("05:02");
  expect(said).toBeEmptyDOMElement();
  rerender(<Countdown seconds={301} />);
  expect(said).toBeEmptyDOMElement();
  rerender(<Countdown seconds={300} />);
  expect(said).toHaveTextContent("5 minutes left to pay.");
  rerender(<Countdown seconds={30} />);
  expect(said).toHaveTextContent("30 seconds left to pay.");
  rerender(<Countdown seconds={0} />);
  expect(said).toHaveTextContent("Time is up.");
  expect(screen.queryByRole("timer")).not.toBeInTheDocument();
});
