import type { Order } from "@/api/types";
import { Bill } from "@/components/bill";
import { ButtonLink } from "@/components/button";
import { Card } from "@/components/card";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { PostalAddress } from "@/components/postal-address";
import { TicketLine } from "@/components/ticket-line";
import { formatMoment } from "@/lib/dates";
import { formatMoney } from "@/lib/money";
import styles from "./order.module.css";
import { Refund } from "./refund";
import { OrderStatus, refundFailed, shortId } from "./status";
import { Timeline } from "./timeline";

/** An order that is decided: paid, given back, or over. */
export function OrderDetails({ order }: { order: Order }) {
  return (
    <Page
      title={`Order ${shortId(order.id)}`}
      heading={
        <>
          Order <span className={styles.number}>#{shortId(order.id)}</span>
        </>
      }
      lead={formatMoment(order.created_at)}
      width="medium"
      actions={
        <>
          {order.status === "complete" && <Refund order={order} look="secondary" />}
          <ButtonLink to="/orders" look="secondary">
            View orders
          </ButtonLink>
        </>
      }
    >
      <div role="status">
        <OrderStatus order={order} />
      </div>
      <Explanation order={order} />
      <div className={styles.columns}>
        <Card title="Order summary">
          <TicketLine ticket={order.ticket} />
          <Bill order={order} />
          {order.refund && order.status === "refunded" && !refundFailed(order) && (
            <p className={styles.refunded}>
              <span>Refunded</span>
              <span>−{formatMoney(order.refund.amount)}</span>
            </p>
          )}
          {order.payment.card && (
            <p className={styles.note}>
              Paid with {capital(order.payment.card.brand)} ending in {order.payment.card.last4}
            </p>
          )}
        </Card>
        {order.billing && (
          <Card title="Billing details">
            <PostalAddress billing={order.billing} />
          </Card>
        )}
      </div>
      <Card title="What happened">
        <Timeline timeline={order.timeline} />
      </Card>
    </Page>
  );
}

function Explanation({ order }: { order: Order }) {
  if (order.status === "cancelled") {
    return (
      <Notice
        kind="info"
        title={CANCELLED[order.cancel_reason ?? ""] ?? "This order is cancelled."}
      >
        <p>You have not been charged. If your bank shows a hold, it goes away by itself.</p>
        <ButtonLink to={`/tickets/${order.ticket.id}`} look="secondary">
          See whether the ticket is still available
        </ButtonLink>
      </Notice>
    );
  }
  if (refundFailed(order)) {
    return (
      <Notice kind="bad" title="The refund failed.">
        <p>
          Your bank did not take the money back to the card. You have not lost it: we have been told
          and will find another way.
        </p>
      </Notice>
    );
  }
  if (order.status === "refunding") {
    return (
      <Notice kind="info" title="Your refund is under way.">
        <p>We wait for your bank&apos;s word. This page changes when it is there.</p>
      </Notice>
    );
  }
  if (order.status === "refunded") {
    return order.refund?.status === "settled" ? (
      <Notice kind="info" title="Your money has been given back.">
        <p>Not to the card, which your bank did not allow, but as we arranged it with you.</p>
      </Notice>
    ) : (
      <Notice kind="info" title="Your money is on its way back.">
        <p>Depending on your bank it shows on the card within some days.</p>
      </Notice>
    );
  }
  return null;
}

const CANCELLED: Record<string, string> = {
  expired: "The time to pay ran out.",
  buyer: "You cancelled this order.",
  operator: "We had to cancel this order.",
  payment_failed: "The payment failed.",
};

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
