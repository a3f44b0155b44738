import type { Order } from "@/api/types";
import { formatDay, formatTimeWithZone } from "@/lib/dates";
import styles from "./ticket-line.module.css";

/** The ticket of an order, in a few lines. */
export function TicketLine({ ticket }: Pick<Order, "ticket">) {
  return (
    <div className={styles.ticket}>
      <p className={styles.title}>{ticket.title}</p>
      {ticket.starts_at && (
        <p>
          <time dateTime={ticket.starts_at}>
            {formatDay(ticket.starts_at)}, {formatTimeWithZone(ticket.starts_at)}
          </time>
        </p>
      )}
      {ticket.venue && <p>{ticket.venue}</p>}
      {ticket.seat && <p>{ticket.seat}</p>}
    </div>
  );
}
