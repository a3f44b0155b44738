import { Link } from "react-router";
import { formatMoney } from "@/lib/money";
import { CopyId } from "./copy-id";
import { plain } from "./headline";
import styles from "./purchase.module.css";
import { Utc } from "./time";
import type { Purchase } from "./types";

/** What is fixed about a purchase, with its whole ids. */
export function Facts({ purchase }: { purchase: Purchase }) {
  const { price, total } = purchase;
  return (
    <>
      <dl className={styles.facts}>
        <Fact name="Ticket price">
          {formatMoney(price)} {price.currency}
        </Fact>
        <Fact name="Total">
          {total ? `${formatMoney(total)} ${total.currency}` : "Not fixed yet"}
        </Fact>
        <Fact name="Payment">{plain(purchase.payment_status)}</Fact>
        {purchase.refund_status && <Fact name="Refund">{plain(purchase.refund_status)}</Fact>}
        {purchase.dispute_status && <Fact name="Dispute">{plain(purchase.dispute_status)}</Fact>}
        <Fact name="Reserved">
          <Utc iso={purchase.created_at} />
        </Fact>
        <Fact name="Deadline">
          <Utc iso={purchase.expires_at} />
        </Fact>
      </dl>
      <dl className={styles.ids}>
        <Id name="Order" id={purchase.order_id} />
        <Id name="Ticket" id={purchase.ticket_id} search />
        <Id name="Buyer" id={purchase.buyer_id} search />
        <Id name="Seller" id={purchase.seller_id} search />
        {purchase.payment_intent_id && <Id name="PaymentIntent" id={purchase.payment_intent_id} />}
      </dl>
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Id({ name, id, search = false }: { name: string; id: string; search?: boolean }) {
  return (
    <div>
      <dt>
        {name}
        {search && (
          <Link
            to={`/operations?q=${encodeURIComponent(id)}`}
            aria-label={`All of this ${name.toLowerCase()}`}
          >
            all purchases
          </Link>
        )}
      </dt>
      <dd>
        <CopyId name={`${name} id`} id={id} />
      </dd>
    </div>
  );
}
