import { useNavigate } from "react-router";
import type { TicketDraft } from "@/api/types";
import { Card } from "@/components/card";
import { Page } from "@/components/page";
import { useToast } from "@/components/toast";
import { useCreateTicket } from "./api/create-ticket";
import { TicketForm } from "./ticket-form";

export function Component() {
  const create = useCreateTicket();
  const navigate = useNavigate();
  const toast = useToast();

  async function save(draft: TicketDraft): Promise<void> {
    const ticket = await create.mutateAsync(draft);
    toast("Your ticket is on the market.");
    await navigate(`/tickets/${ticket.id}`, { replace: true });
  }

  return (
    <Page
      title="Sell a ticket"
      lead="Say what you have and what you want for it. You can change it until somebody reserves it."
      width="narrow"
    >
      <Card>
        <TicketForm submit="Put it on the market" save={save} />
      </Card>
    </Page>
  );
}
