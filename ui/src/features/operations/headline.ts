import type { Tone } from "@/components/badge";
import { formatMoney } from "@/lib/money";
import type { Purchase } from "./types";
import { shortUtc } from "./utc";

const CANCELLED: Record<string, string> = {
  expired: "Cancelled: the time to pay ran out.",
  buyer: "Cancelled by the buyer.",
  operator: "Cancelled by an operator.",
  payment_failed: "Cancelled: the payment failed.",
};

/** How a purchase stands, in two words. */
export function standing(purchase: Purchase): readonly [Tone, string] {
  switch (purchase.status) {
    case "created":
      return ["live", "Reserved"];
    case "awaiting_payment":
      return purchase.payment_status === "authorized"
        ? ["live", "Being captured"]
        : ["live", "Waiting for payment"];
    case "complete":
      return ["good", "Complete"];
    case "refunding":
      return purchase.refund_status === "failed"
        ? ["bad", "Refund failed"]
        : ["warn", "Being refunded"];
    case "refunded":
      return ["warn", "Refunded"];
    case "cancelled":
      return ["plain", "Cancelled"];
  }
}

/** How it stands and what comes next, in a sentence; `now` in milliseconds. */
export function headline(purchase: Purchase, now: number): string {
  const money = amount(purchase);
  switch (purchase.status) {
    case "created":
    case "awaiting_payment":
      return open(purchase, now);
    case "complete":
      return `Sold for ${money}${disputed(purchase)}.`;
    case "refunding":
      return purchase.refund_status === "failed"
        ? `Stripe could not refund ${money}: this waits for a person${disputed(purchase)}.`
        : `The refund of ${money} is under way at Stripe${disputed(purchase)}.`;
    case "refunded":
      return `Refunded: ${money} went back to the buyer${disputed(purchase)}.`;
    case "cancelled":
      return CANCELLED[purchase.cancel_reason ?? ""] ?? "Cancelled.";
  }
}

/** With its currency: what is charged once an address is known, before that the ticket's price. */
export function amount({ total, price }: Purchase): string {
  const money = total ?? price;
  return `${formatMoney(money)} ${money.currency}`;
}

export const isOpen = ({ status }: Purchase): boolean =>
  status === "created" || status === "awaiting_payment";

/** Short enough to be read out over the phone. */
export const shortId = (id: string): string => id.slice(0, 8);

function open(purchase: Purchase, now: number): string {
  const deadline = shortUtc(purchase.expires_at, now);
  if (purchase.payment_status === "authorized") return "Paid in time: the money is being captured.";
  if (Date.parse(purchase.expires_at) <= now) {
    return `The time to pay ended at ${deadline}: the payment is being closed.`;
  }
  if (purchase.status === "created") return `Waiting for the billing address until ${deadline}.`;
  if (purchase.payment_status === "declined") {
    return `The card was declined. Waiting for another payment until ${deadline}.`;
  }
  return `Waiting for payment until ${deadline}.`;
}

const disputed = ({ dispute_status }: Purchase): string =>
  dispute_status ? `; the bank disputes the payment (${plain(dispute_status)})` : "";

/** Stripe's own word, without its underscores. */
export const plain = (word: string): string => word.replaceAll("_", " ");
