import type { Order } from "@/api/types";
import { formatExact } from "@/lib/dates";
import styles from "./order.module.css";

const EVENTS: Record<string, string> = {
  reserved: "Ticket reserved for you",
  billed: "Billing address given, total fixed",
  "hold extended": "Held a little longer for you",
  "payment declined": "Card declined",
  "payment authorized": "Your bank agreed to the payment",
  "payment tried again": "We asked for the payment again",
  complete: "Paid: the ticket is yours",
  "refund requested": "Refund requested",
  "refund pending": "Refund on its way to your bank",
  "refund succeeded": "Your bank has the refund",
  "refund failed": "The refund failed",
  refunded: "Refunded",
  "refund made at Stripe": "Refunded by us",
  "refunded in part": "A part refunded by us",
  "refund at Stripe failed": "A refund by us failed",
  "refunded by other means": "Given back by other means",
  "payment disputed": "Payment disputed: your bank has been asked for the money",
};
const DISPUTES: Record<string, string> = {
  won: "Dispute decided: the payment stands",
  lost: "Dispute decided: your bank gave the money back",
  warning_closed: "Your bank has closed its question",
};
const CANCELLATIONS: Record<string, string> = {
  expired: "Cancelled: time ran out",
  buyer: "Cancelled by you",
  operator: "Cancelled by us",
  payment_failed: "Cancelled: the payment failed",
};

/** "cancelled: expired" as a person would say it; what is not known is shown as it is. */
export function inWords(what: string): string {
  const [event = what, about = ""] = what.split(": ");
  if (event === "cancelled") return CANCELLATIONS[about] ?? "Cancelled";
  if (event === "dispute") return DISPUTES[about] ?? "Your bank looks into the payment";
  return EVENTS[event] ?? what;
}

/** What happened to an order, oldest first. */
export function Timeline({ timeline }: Pick<Order, "timeline">) {
  return (
    <ol className={styles.timeline}>
      {timeline.map(({ at, what }, index) => (
        <li key={index}>
          <span>{inWords(what)}</span>
          <time dateTime={at}>{formatExact(at)}</time>
        </li>
      ))}
    </ol>
  );
}
