import { useQuery } from "@tanstack/react-query";
import { Armchair, CalendarDays, Clock, MapPin, Pencil } from "lucide-react";
import type { ReactNode } from "react";
import { useNavigate, useParams } from "react-router";
import { useMe } from "@/api/get-me";
import type { Ticket } from "@/api/types";
import { ButtonLink } from "@/components/button";
import { Page } from "@/components/page";
import { Loading } from "@/components/skeleton";
import { ErrorState } from "@/components/state";
import { formatLongDay, formatTimeWithZone } from "@/lib/dates";
import { formatMoney } from "@/lib/money";
import { ticket as ticketQuery } from "./api/get-ticket";
import { useWatchTickets } from "./api/watch-tickets";
import { Buy } from "./buy";
import { DeleteTicket } from "./delete-ticket";
import styles from "./ticket-page.module.css";
import { TicketStatus } from "./ticket-status";

export function Component() {
  const { ticketId = "" } = useParams();
  const { data: ticket, error, refetch } = useQuery(ticketQuery(ticketId));
  useWatchTickets();

  if (ticket) return <Shown ticket={ticket} gone={error !== null} />;
  return (
    <Page title="Ticket" width="medium">
      {error ? (
        <ErrorState error={error} what="this ticket" onRetry={() => void refetch()} />
      ) : (
        <Loading what="the ticket" lines={4} />
      )}
    </Page>
  );
}

function Shown({ ticket, gone }: { ticket: Ticket; gone: boolean }) {
  const user = useMe();
  const own = user?.id === ticket.seller_id;
  return (
    <Page title={ticket.title} width="medium">
      <article className={styles.ticket}>
        <div className={styles.about}>
          <dl className={styles.facts}>
            {ticket.starts_at && (
              <>
                <Fact icon={<CalendarDays />} name="Date">
                  <time dateTime={ticket.starts_at}>{formatLongDay(ticket.starts_at)}</time>
                </Fact>
                <Fact icon={<Clock />} name="Time">
                  {formatTimeWithZone(ticket.starts_at)}
                </Fact>
              </>
            )}
            {ticket.venue && (
              <Fact icon={<MapPin />} name="Venue">
                {ticket.venue}
              </Fact>
            )}
            {ticket.seat && (
              <Fact icon={<Armchair />} name="Seat">
                {ticket.seat}
              </Fact>
            )}
          </dl>
          {ticket.description && <p className={styles.description}>{ticket.description}</p>}
          {!ticket.starts_at && !ticket.venue && !ticket.seat && !ticket.description && (
            <p className={styles.description}>The seller has said no more about this ticket.</p>
          )}
        </div>
        <div className={styles.deal}>
          <div role="status">
            <TicketStatus status={ticket.status} />
          </div>
          <p className={styles.price}>
            {formatMoney(ticket.price)} <small>{ticket.price.currency}</small>
          </p>
          <p className={styles.plus}>plus the sales taxes of where you live</p>
          {own ? <Own ticket={ticket} /> : <Buy ticket={ticket} gone={gone} />}
        </div>
      </article>
    </Page>
  );
}

function Fact(props: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>
        <span aria-hidden="true">{props.icon}</span>
        {props.name}
      </dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Own({ ticket }: { ticket: Ticket }) {
  const navigate = useNavigate();
  if (ticket.status !== "available") {
    return (
      <p className={styles.note}>
        {ticket.status === "sold"
          ? "This is your listing, and it is sold."
          : "This is your listing. Somebody is paying for it right now, so that it cannot be changed."}
      </p>
    );
  }
  return (
    <div className={styles.tools}>
      <p className={styles.note}>This is your listing.</p>
      <ButtonLink
        to={`/tickets/${ticket.id}/edit`}
        look="secondary"
        icon={<Pencil aria-hidden="true" />}
      >
        Edit
      </ButtonLink>
      <DeleteTicket ticket={ticket} look="secondary" onDeleted={() => void navigate("/")} />
    </div>
  );
}
