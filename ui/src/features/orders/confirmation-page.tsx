import { useQuery } from "@tanstack/react-query";
import { CircleCheckBig } from "lucide-react";
import { Navigate, useParams } from "react-router";
import { order as orderQuery } from "@/api/get-order";
import { useMe } from "@/api/get-me";
import { Bill } from "@/components/bill";
import { ButtonLink } from "@/components/button";
import { Card } from "@/components/card";
import { Page } from "@/components/page";
import { PostalAddress } from "@/components/postal-address";
import { Loading } from "@/components/skeleton";
import { ErrorState } from "@/components/state";
import { TicketLine } from "@/components/ticket-line";
import { formatMoment } from "@/lib/dates";
import styles from "./order.module.css";
import { shortId } from "./status";

/** The first page after paying. What it says comes from the server, also when it is loaded again. */
export function Component() {
  const { orderId = "" } = useParams();
  const user = useMe();
  const { data: order, error, refetch } = useQuery(orderQuery(orderId));

  if (order && order.status !== "complete") return <Navigate to={`/orders/${orderId}`} replace />;
  return (
    <Page
      title="Order complete"
      heading="It is yours!"
      lead={order && `Order #${shortId(order.id)}, ${formatMoment(order.created_at)}`}
      width="medium"
    >
      {!order && error && (
        <ErrorState error={error} what="this order" onRetry={() => void refetch()} />
      )}
      {!order && !error && <Loading what="your order" lines={4} />}
      {order && (
        <>
          <div className={styles.hurray}>
            <CircleCheckBig aria-hidden="true" />
            <p>
              <strong>{order.ticket.title}</strong> is paid. A confirmation is on its way to{" "}
              <strong>{user?.email}</strong>.
            </p>
          </div>
          <div className={styles.columns}>
            <Card title="Order summary">
              <TicketLine ticket={order.ticket} />
              <Bill order={order} />
            </Card>
            {order.billing && (
              <Card title="Billing details">
                <PostalAddress billing={order.billing} />
              </Card>
            )}
          </div>
          <div className={styles.buttons}>
            <ButtonLink to="/orders">View orders</ButtonLink>
            <ButtonLink to={`/orders/${order.id}`} look="secondary">
              See this order
            </ButtonLink>
          </div>
        </>
      )}
    </Page>
  );
}
