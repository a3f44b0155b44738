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
