import { expect, test } from "vitest";
import { headline, standing } from "./headline";
import { aPurchase } from "./samples";
import type { Purchase } from "./types";

const NOW = Date.parse("2026-11-25T14:00:00Z");

test.each<[Partial<Purchase>, string]>([
  [{ status: "created" }, "Waiting for the billing address until 14:05:10 UTC."],
  [{ status: "awaiting_payment" }, "Waiting for payment until 14:05:10 UTC."],
  [
    { status: "awaiting_payment", payment_status: "declined" },
    "The card was declined. Waiting for another payment until 14:05:10 UTC.",
  ],
  [
    { status: "awaiting_payment", expires_at: "2026-11-25T13:59:59Z" },
    "The time to pay ended at 13:59:59 UTC: the payment is being closed.",
  ],
  [
    {
      status: "awaiting_payment",
      payment_status: "authorized",
      expires_at: "2026-11-25T13:59:59Z",
    },
    "Paid in time: the money is being captured.",
  ],
  [{ status: "complete" }, "Sold for $113.00 CAD."],
  [
    { status: "complete", dispute_status: "needs_response" },
    "Sold for $113.00 CAD; the bank disputes the payment (needs response).",
  ],
  [
    { status: "refunding", refund_status: "failed" },
    "Stripe could not refund $113.00 CAD: this waits for a person.",
  ],
  [
    { status: "refunding", refund_status: "pending" },
    "The refund of $113.00 CAD is under way at Stripe.",
  ],
  [{ status: "refunded" }, "Refunded: $113.00 CAD went back to the buyer."],
  [{ status: "cancelled", cancel_reason: "operator" }, "Cancelled by an operator."],
  [{ status: "cancelled", cancel_reason: "moon" }, "Cancelled."],
])("%o: %s", (more, sentence) => {
  expect(headline(aPurchase(more), NOW)).toBe(sentence);
});

test("a refund that failed looks bad", () => {
  expect(standing(aPurchase({ status: "refunding", refund_status: "failed" }))).toEqual([
    "bad",
    "Refund failed",
  ]);
});
