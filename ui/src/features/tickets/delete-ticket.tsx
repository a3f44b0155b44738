import { Trash2 } from "lucide-react";
import type { Ticket } from "@/api/types";
import { Confirm } from "@/components/confirm";
import { useToast } from "@/components/toast";
import { useDeleteTicket } from "./api/delete-ticket";

/** Take a ticket off the market, after asking. */
export function DeleteTicket(props: {
  ticket: Ticket;
  look: "icon" | "secondary";
  onDeleted?: () => void;
}) {
  const remove = useDeleteTicket(props.ticket.id);
  const toast = useToast();

  async function act(): Promise<void> {
    await remove.mutateAsync();
    toast("Your listing is off the market.");
    props.onDeleted?.();
  }

  return (
    <Confirm
      trigger={
        <>
          <Trash2 aria-hidden="true" />
          {props.look === "secondary" && <span>Delete</span>}
        </>
      }
      triggerLook={props.look}
      {...(props.look === "icon" ? { triggerLabel: `Delete ${props.ticket.title}` } : {})}
      title="Delete this listing?"
      confirm="Delete listing"
      act={act}
    >
      <p>“{props.ticket.title}” goes off the market for good. This cannot be undone.</p>
    </Confirm>
  );
}
