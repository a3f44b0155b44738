import { Undo2 } from "lucide-react";
import type { Order } from "@/api/types";
import { Confirm } from "@/components/confirm";
import { useToast } from "@/components/toast";
import { formatMoney } from "@/lib/money";
import { useRefundOrder } from "./api/refund-order";

/** All of the money back, after asking. */
export function Refund({ order, look }: { order: Order; look: "icon" | "secondary" }) {
  const refund = useRefundOrder(order.id);
  const toast = useToast();
  const amount = formatMoney(order.total ?? order.ticket.price);
  return (
    <Confirm
      trigger={
        <>
          <Undo2 aria-hidden="true" />
          {look === "secondary" && <span>Refund</span>}
        </>
      }
      triggerLook={look}
      {...(look === "icon" ? { triggerLabel: `Refund ${order.ticket.title}` } : {})}
      title="Refund this order?"
      confirm={`Refund ${amount}`}
      dismiss="Keep the ticket"
      act={async () => {
        await refund.mutateAsync();
        toast("Your refund is under way.");
      }}
    >
      <p>
        You give “{order.ticket.title}” back and get {amount} back to the card that was charged. The
        ticket goes back to the market. This cannot be undone.
      </p>
    </Confirm>
  );
}
