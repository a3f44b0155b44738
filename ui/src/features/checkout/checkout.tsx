import { useEffect, useState } from "react";
import { useMe } from "@/api/get-me";
import type { Order } from "@/api/types";
import { Bill } from "@/components/bill";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { Confirm } from "@/components/confirm";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { PostalAddress } from "@/components/postal-address";
import { TicketLine } from "@/components/ticket-line";
import { useToast } from "@/components/toast";
import { useSecondsUntil } from "@/lib/countdown";
import { formatTime } from "@/lib/dates";
import { useCancelOrder } from "./api/cancel-order";
import { BillingForm } from "./billing-form";
import styles from "./checkout.module.css";
import { Countdown } from "./countdown";
import { PaymentForm } from "./payment-form";
import { useReturn } from "./use-return";

/** An order that is still to be paid: address, card, and the clock. */
export function Checkout(props: { order: Order; onTimeIsUp: () => void }) {
  const { order, onTimeIsUp } = props;
  const seconds = useSecondsUntil(order.expires_at);
  const returned = useReturn();
  const [approved, setApproved] = useState(false);
  const [busy, setBusy] = useState(false);
  const isPaid = approved || order.payment.status === "authorized" || returned === "approved";
  const isOver = seconds === 0 && !isPaid;

  useEffect(() => {
    if (isOver) onTimeIsUp();
  }, [isOver, onTimeIsUp]);

  return (
    <Page
      title={`Checkout: ${order.ticket.title}`}
      heading={
        <>
          Purchase <em>{order.ticket.title}</em>
        </>
      }
    >
      <div className={styles.checkout}>
        <aside className={styles.summary} aria-label="Order summary">
          {!isPaid && <Countdown seconds={seconds} />}
          {wasExtended(order) && !isPaid && !isOver && (
            <Notice kind="info">
              We have held it a little longer for you: until {formatTime(order.expires_at)}.
            </Notice>
          )}
          <Card title="Your ticket">
            <TicketLine ticket={order.ticket} />
            <Bill order={order} />
            {!order.total && (
              <p className={styles.note}>Taxes are added when we know where you live.</p>
            )}
          </Card>
          {!isPaid && !isOver && (
            <div className={styles.cancel}>
              <Cancel order={order} disabled={busy} />
            </div>
          )}
        </aside>
        <div className={styles.steps}>
          {isPaid && <Finishing />}
          {isOver && <Over />}
          {!isPaid && (
            <Steps
              order={order}
              disabled={isOver}
              busy={busy}
              returned={returned}
              onBusy={setBusy}
              onApproved={() => setApproved(true)}
            />
          )}
        </div>
      </div>
    </Page>
  );
}

function Steps(props: {
  order: Order;
  disabled: boolean;
  busy: boolean;
  returned: string | undefined;
  onBusy: (busy: boolean) => void;
  onApproved: () => void;
}) {
  const { order, disabled } = props;
  const user = useMe();
  const [editing, setEditing] = useState(false);
  const { billing, total } = order;
  const secret = order.payment.client_secret;
  const isBilled = billing !== null && total !== null && !editing;
  return (
    <>
      <Card
        title={<Step number={1}>Billing address</Step>}
        aside={
          isBilled && (
            <Button look="quiet" disabled={disabled || props.busy} onClick={() => setEditing(true)}>
              Change
            </Button>
          )
        }
      >
        {isBilled ? (
          <PostalAddress billing={billing} />
        ) : (
          <BillingForm
            order={order}
            disabled={disabled}
            onSaved={() => setEditing(false)}
            onCancel={billing ? () => setEditing(false) : undefined}
          />
        )}
      </Card>
      <Card title={<Step number={2}>Payment</Step>}>
        {props.returned && props.returned !== "approved" && !disabled && (
          <Notice kind="bad" title="The payment did not go through.">
            <p>{props.returned}</p>
          </Notice>
        )}
        {isBilled && secret ? (
          <>
            <p className={styles.note}>
              The receipt goes to <strong>{user?.email}</strong>. Your card is charged only once the
              ticket is yours.
            </p>
            <PaymentForm
              key={`${secret} ${total.amount}`}
              order={{ ...order, billing, total }}
              clientSecret={secret}
              disabled={disabled}
              onBusy={props.onBusy}
              onApproved={props.onApproved}
            />
          </>
        ) : (
          <p className={styles.note}>
            {isBilled
              ? "One moment…"
              : "First your address: it decides the taxes, and so the total."}
          </p>
        )}
      </Card>
    </>
  );
}

function Step(props: { number: number; children: string }) {
  return (
    <span className={styles.step}>
      <span className={styles.number}>{props.number}</span>
      {props.children}
    </span>
  );
}

function Finishing() {
  return (
    <Notice kind="good" title="Your bank has agreed.">
      <p>We are finishing your order. This takes a moment; the page goes on by itself.</p>
    </Notice>
  );
}

function Over() {
  return (
    <Notice kind="bad" title="Time is up.">
      <p>
        The ticket was held for you until now, and is going back to the market. Your card has not
        been charged.
      </p>
    </Notice>
  );
}

function Cancel({ order, disabled }: { order: Order; disabled: boolean }) {
  const cancel = useCancelOrder(order.id);
  const toast = useToast();
  return (
    <Confirm
      trigger="Cancel this order"
      triggerLook="quiet"
      disabled={disabled}
      title="Cancel this order?"
      confirm="Cancel the order"
      dismiss="Keep the order"
      act={async () => {
        await cancel.mutateAsync();
        toast("Your order is cancelled. Nothing was charged.");
      }}
    >
      <p>“{order.ticket.title}” goes back to the market. Nothing is charged.</p>
    </Confirm>
  );
}

const wasExtended = (order: Order): boolean =>
  order.timeline.some(({ what }) => what === "hold extended");
