import { Pencil } from "lucide-react";
import { Link } from "react-router";
import type { Ticket } from "@/api/types";
import { DeleteTicket } from "./delete-ticket";
import styles from "./ticket-card.module.css";

/** What a seller can do with a listing from the market. */
export default function OwnTools({ ticket }: { ticket: Ticket }) {
  return (
    <>
      <Link
        to={`/tickets/${ticket.id}/edit`}
        className={styles.tool}
        aria-label={`Edit ${ticket.title}`}
        title={`Edit ${ticket.title}`}
      >
        <Pencil aria-hidden="true" />
      </Link>
      <DeleteTicket ticket={ticket} look="icon" />
    </>
  );
}
