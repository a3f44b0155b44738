import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { useMe } from "@/api/get-me";
import type { TicketDraft } from "@/api/types";
import { ButtonLink } from "@/components/button";
import { Card } from "@/components/card";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { Loading } from "@/components/skeleton";
import { ErrorState } from "@/components/state";
import { useToast } from "@/components/toast";
import { ticket as ticketQuery } from "./api/get-ticket";
import { useReplaceTicket } from "./api/replace-ticket";
import { TicketForm } from "./ticket-form";

export function Component() {
  const { ticketId = "" } = useParams();
  const user = useMe();
  const { data: ticket, error, refetch } = useQuery(ticketQuery(ticketId));
  const replace = useReplaceTicket(ticketId);
  const navigate = useNavigate();
  const toast = useToast();

  async function save(draft: TicketDraft): Promise<void> {
    await replace.mutateAsync(draft);
    toast("Your changes are saved.");
    await navigate(`/tickets/${ticketId}`, { replace: true });
  }

  return (
    <Page title="Edit your listing" width="narrow">
      {!ticket && error && (
        <ErrorState error={error} what="this ticket" onRetry={() => void refetch()} />
      )}
      {!ticket && !error && <Loading what="the ticket" lines={5} />}
      {ticket && ticket.seller_id !== user?.id && (
        <Notice kind="bad" title="Only its seller can change a ticket.">
          <ButtonLink to={`/tickets/${ticketId}`} look="secondary">
            Back to the ticket
          </ButtonLink>
        </Notice>
      )}
      {ticket?.seller_id === user?.id && ticket && ticket.status !== "available" && (
        <Notice kind="info" title="Somebody has reserved or bought this ticket.">
          <p>It cannot be changed now. If the buyer lets it go, you can edit it again.</p>
        </Notice>
      )}
      {ticket && ticket.seller_id === user?.id && (
        <Card>
          <TicketForm ticket={ticket} submit="Save changes" save={save} />
        </Card>
      )}
    </Page>
  );
}
