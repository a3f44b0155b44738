import type { Ticket } from "@/api/types";
import { Badge, type Tone } from "@/components/badge";

const WORDS: Record<Ticket["status"], [Tone, string]> = {
  available: ["good", "Available"],
  reserved: ["live", "Being bought now"],
  sold: ["bad", "Sold"],
};

/** What is going on with a ticket. */
export function TicketStatus({ status }: Pick<Ticket, "status">) {
  const [tone, words] = WORDS[status];
  return <Badge tone={tone}>{words}</Badge>;
}
