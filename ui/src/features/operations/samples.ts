import type { Finding, Purchase } from "./types";

// One sensible value for everything, for tests.

export function aPurchase(more: Partial<Purchase> = {}): Purchase {
  return {
    order_id: "0f1e2d3c-order",
    status: "awaiting_payment",
    cancel_reason: null,
    ticket_id: "t1",
    ticket_title: "Rock Concert",
    buyer_id: "buyer",
    seller_id: "seller",
    price: { amount: 10000, currency: "CAD" },
    total: { amount: 11300, currency: "CAD" },
    payment_status: "requires_payment",
    payment_intent_id: "pi_1",
    refund_status: null,
    dispute_status: null,
    created_at: "2026-11-25T13:50:10Z",
    expires_at: "2026-11-25T14:05:10Z",
    findings: 0,
    ...more,
  };
}

export function aFinding(more: Partial<Finding> = {}): Finding {
  return {
    id: "I2:0f1e2d3c-order",
    kind: "I2",
    title: "What was captured is for a ticket that is sold or being refunded.",
    detail: "The order is cancelled and 113.00 CAD are captured.",
    order_id: "0f1e2d3c-order",
    ticket_id: "t1",
    payment_intent_id: "pi_1",
    found_at: "2026-11-25T12:00:00Z",
    seen_at: "2026-11-25T13:55:00Z",
    closed_at: null,
    ...more,
  };
}
