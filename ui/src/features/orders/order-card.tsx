import { Link } from "react-router";
import type { Order } from "@/api/types";
import { formatMoment } from "@/lib/dates";
import { formatMoney } from "@/lib/money";
import styles from "./order.module.css";
import { Refund } from "./refund";
import { OrderStatus, shortId } from "./status";

/** An order in the history. */
export function OrderCard({ order }: { order: Order }) {
  const amount = order.total ?? order.ticket.price;
  return (
    <article className={styles.card}>
      <div className={styles.cardTop}>
        <h2>
          <Link to={`/orders/${order.id}`}>{order.ticket.title}</Link>
        </h2>
        {order.status === "complete" && <Refund order={order} look="icon" />}
      </div>
      <OrderStatus order={order} />
      <dl className={styles.facts}>
        <div>
          <dt>{order.total ? "Order total" : "Ticket price"}</dt>
          <dd>
            {formatMoney(amount)} {amount.currency}
          </dd>
        </div>
        <div>
          <dt>Ordered</dt>
          <dd>{formatMoment(order.created_at)}</dd>
        </div>
        <div>
          <dt>Order</dt>
          <dd className={styles.number}>#{shortId(order.id)}</dd>
        </div>
      </dl>
    </article>
  );
}
