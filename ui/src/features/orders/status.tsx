import type { Order } from "@/api/types";
import { Badge, type Tone } from "@/components/badge";

const REASONS: Record<string, string> = {
  expired: "Cancelled: time ran out",
  buyer: "Cancelled by you",
  operator: "Cancelled by us",
  payment_failed: "Cancelled: the payment failed",
};

/** How an order stands, in words that promise nothing that is not so. */
export function statusOf(order: Order): readonly [Tone, string] {
  switch (order.status) {
    case "created":
      return ["live", "Held for you"];
    case "awaiting_payment":
      return order.payment.status === "authorized"
        ? ["live", "Being finished"]
        : ["live", "Waiting for payment"];
    case "complete":
      return ["good", "Complete"];
    case "refunding":
      return refundFailed(order) ? ["bad", "Refund failed"] : ["warn", "Refund under way"];
    case "refunded":
      return refundFailed(order) ? ["bad", "Refund failed"] : ["warn", "Refunded"];
    case "cancelled":
      return ["bad", REASONS[order.cancel_reason ?? ""] ?? "Cancelled"];
  }
}

/** A refund can fail long after it looked good: then the order is refunded, and the money is not. */
export const refundFailed = (order: Order): boolean => order.refund?.status === "failed";

export function OrderStatus({ order }: { order: Order }) {
  const [tone, words] = statusOf(order);
  return <Badge tone={tone}>{words}</Badge>;
}

/** Short enough to be read out over the phone. */
export const shortId = (id: string): string => id.slice(0, 8);
