import { CalendarDays, MapPin } from "lucide-react";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import type { Ticket } from "@/api/types";
import { formatDay, formatTime } from "@/lib/dates";
import { formatMoney } from "@/lib/money";
import styles from "./ticket-card.module.css";
import { TicketStatus } from "./ticket-status";

/** Fetched by sellers only. */
const OwnTools = lazy(() => import("./own-tools"));

/** A ticket in the market; the whole of it is clickable. Its seller can change it from here. */
export function TicketCard({ ticket, own }: { ticket: Ticket; own: boolean }) {
  const isFree = ticket.status === "available";
  return (
    <article className={styles.wrap}>
      <div className={styles.card} data-status={ticket.status}>
        <div className={styles.body}>
          <h3 className={styles.title}>
            <Link to={`/tickets/${ticket.id}`}>{ticket.title}</Link>
          </h3>
          {ticket.starts_at && (
            <p className={styles.fact}>
              <CalendarDays aria-hidden="true" />
              <time dateTime={ticket.starts_at}>
                {formatDay(ticket.starts_at)}, {formatTime(ticket.starts_at)}
              </time>
            </p>
          )}
          {ticket.venue && (
            <p className={styles.fact}>
              <MapPin aria-hidden="true" />
              {ticket.venue}
            </p>
          )}
        </div>
        <div className={styles.stub}>
          <p className={styles.price}>
            {formatMoney(ticket.price)} <small>{ticket.price.currency}</small>
          </p>
          {isFree ? (
            ticket.seat && <p className={styles.seat}>{ticket.seat}</p>
          ) : (
            <TicketStatus status={ticket.status} />
          )}
        </div>
      </div>
      {own && isFree && (
        <div className={styles.tools}>
          <Suspense>
            <OwnTools ticket={ticket} />
          </Suspense>
        </div>
      )}
    </article>
  );
}
