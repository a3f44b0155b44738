import { useQuery } from "@tanstack/react-query";
import { LogIn, ShoppingCart } from "lucide-react";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { useConfig } from "@/api/get-config";
import { useMe } from "@/api/get-me";
import { isProblem, sentence } from "@/api/problem";
import type { Ticket } from "@/api/types";
import { Button, ButtonLink } from "@/components/button";
import { Notice } from "@/components/notice";
import { settlePurchaseIntent } from "@/lib/purchase-intent";
import { loginPath } from "@/lib/next-path";
import { useCreateOrder } from "./api/create-order";
import { myOrderOf } from "./api/find-my-order";
import styles from "./ticket-page.module.css";

/** What somebody who is not the seller can do with a ticket. */
export function Buy({ ticket, gone }: { ticket: Ticket; gone: boolean }) {
  const user = useMe();
  const taken = ticket.status !== "available";
  const { data: mine } = useQuery({ ...myOrderOf(ticket), enabled: Boolean(user) && taken });
  const create = useCreateOrder(ticket.id);
  const deciding = create.isPending || create.isSuccess;

  // Also when the answer to a click was lost and its order is found here: it has what was meant.
  useEffect(() => {
    if (mine) settlePurchaseIntent(ticket.id);
  }, [mine, ticket.id]);

  if (gone) return <p className={styles.note}>The seller has taken this ticket off the market.</p>;
  if (mine && !deciding) return <Mine orderId={mine.id} status={mine.status} />;
  if (ticket.status === "sold" && !deciding) {
    return (
      <>
        <p className={styles.note}>Somebody else was faster. This ticket is sold.</p>
        <ButtonLink to="/" look="secondary">
          See other tickets
        </ButtonLink>
      </>
    );
  }
  if (taken && !deciding) {
    return (
      <p className={styles.note}>
        Somebody is paying for this ticket right now. If they do not finish in time it is for sale
        again, and this page will say so.
      </p>
    );
  }
  return <Reserve ticket={ticket} create={create} />;
}

function Reserve({
  ticket,
  create,
}: {
  ticket: Ticket;
  create: ReturnType<typeof useCreateOrder>;
}) {
  const user = useMe();
  const { data: config } = useConfig();
  const navigate = useNavigate();

  async function buy(): Promise<void> {
    if (create.isPending) return;
    try {
      const order = await create.mutateAsync();
      await navigate(`/orders/${order.id}`);
    } catch (error) {
      if (isProblem(error, "not-signed-in")) await navigate(loginPath(`/tickets/${ticket.id}`));
    }
  }

  if (user === null) {
    return (
      <ButtonLink to={loginPath(`/tickets/${ticket.id}`)} icon={<LogIn aria-hidden="true" />}>
        Log in to buy
      </ButtonLink>
    );
  }
  return (
    <>
      <Button
        wide
        busy={create.isPending || create.isSuccess}
        disabled={user === undefined}
        icon={<ShoppingCart aria-hidden="true" />}
        onClick={() => void buy()}
      >
        Buy this ticket
      </Button>
      {create.error && !isProblem(create.error, "not-signed-in") && (
        <Notice kind="bad">{sentence(create.error)}</Notice>
      )}
      {config && (
        <p className={styles.note}>
          It is then held for you for {minutes(config.reservation_window)} while you pay.
        </p>
      )}
    </>
  );
}

function Mine(props: { orderId: string; status: string }) {
  const open = props.status === "created" || props.status === "awaiting_payment";
  return (
    <>
      <p className={styles.note}>
        {open ? "This ticket is held for you." : "This ticket is yours."}
      </p>
      <ButtonLink to={`/orders/${props.orderId}`}>
        {open ? "Go on to the checkout" : "See your order"}
      </ButtonLink>
    </>
  );
}

function minutes(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  return `${Math.floor(seconds / 60)} minutes`;
}
