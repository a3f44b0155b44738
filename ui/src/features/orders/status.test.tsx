import { expect, test } from "vitest";
import type { Order } from "@/api/types";
import { anOrder } from "@/test/app";
import { statusOf } from "./status";
import { inWords } from "./timeline";

const aRefund = (status: string): Order["refund"] => ({
  status,
  amount: { amount: 16000, currency: "CAD" },
  failure: null,
  requested_at: "2026-11-01T10:00:00Z",
  settled_at: null,
});
const PAID = { status: "authorized", client_secret: null, last_error: null, card: null } as const;

test.each<[Partial<Order>, string]>([
  [{ status: "created" }, "Held for you"],
  [{ status: "awaiting_payment" }, "Waiting for payment"],
  [{ status: "awaiting_payment", payment: PAID }, "Being finished"],
  [{ status: "complete" }, "Complete"],
  [{ status: "refunding", refund: aRefund("pending") }, "Refund under way"],
  [{ status: "refunding", refund: aRefund("failed") }, "Refund failed"],
  [{ status: "refunded", refund: aRefund("succeeded") }, "Refunded"],
  [{ status: "refunded", refund: aRefund("settled") }, "Refunded"],
  [{ status: "refunded", refund: aRefund("failed") }, "Refund failed"],
  [{ status: "cancelled", cancel_reason: "expired" }, "Cancelled: time ran out"],
  [{ status: "cancelled", cancel_reason: "buyer" }, "Cancelled by you"],
  [{ status: "cancelled", cancel_reason: "news" }, "Cancelled"],
])("%o is called %s", (more, words) => {
  expect(statusOf(anOrder(more))[1]).toBe(words);
});

test("a timeline speaks to people", () => {
  expect(inWords("payment declined: insufficient_funds")).toBe("Card declined");
  expect(inWords("cancelled: expired")).toBe("Cancelled: time ran out");
  expect(inWords("hold extended")).toBe("Held a little longer for you");
  expect(inWords("payment tried again")).toBe("We asked for the payment again");
  expect(inWords("dispute: lost")).toBe("Dispute decided: your bank gave the money back");
  expect(inWords("dispute: under_review")).toBe("Your bank looks into the payment");
  expect(inWords("something new")).toBe("something new");
});
