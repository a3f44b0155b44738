import type { Order } from "@/api/types";
import { formatMoney } from "@/lib/money";
import styles from "./bill.module.css";

/** What is paid for, line by line, as the server has computed it. */
export function Bill({ order }: { order: Order }) {
  const lines = order.lines.map((line) => ({
    name:
      line.kind === "ticket"
        ? "Ticket price"
        : `${line.name}${line.rate ? ` (${line.rate}%)` : ""}`,
    amount: line.amount,
  }));
  if (lines.length === 0) lines.push({ name: "Ticket price", amount: order.ticket.price });
  return (
    <dl className={styles.bill}>
      {lines.map(({ name, amount }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{formatMoney(amount)}</dd>
        </div>
      ))}
      {order.total && (
        <div className={styles.total}>
          <dt>Order total</dt>
          <dd>
            {formatMoney(order.total)} <small>{order.total.currency}</small>
          </dd>
        </div>
      )}
    </dl>
  );
}
