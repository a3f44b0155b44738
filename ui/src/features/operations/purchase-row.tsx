import type { KeyboardEvent } from "react";
import { Link } from "react-router";
import { Badge } from "@/components/badge";
import { Countdown } from "./countdown";
import { amount, isOpen, plain, standing } from "./headline";
import styles from "./purchases.module.css";
import { Utc } from "./time";
import type { Purchase } from "./types";

/** One purchase in the list; the arrow keys lead to the ones beside it. */
export function PurchaseRow({ purchase }: { purchase: Purchase }) {
  const [tone, words] = standing(purchase);
  return (
    <article className={styles.row}>
      <p className={styles.when}>
        {isOpen(purchase) ? (
          <>
            <Countdown until={purchase.expires_at} />
            <span className={styles.small}>
              until <Utc iso={purchase.expires_at} short />
            </span>
          </>
        ) : (
          <span className={styles.small}>
            <Utc iso={purchase.created_at} short />
          </span>
        )}
      </p>
      <div className={styles.what}>
        <h2>
          <Link to={`/operations/orders/${purchase.order_id}`} onKeyDown={goOn}>
            {purchase.ticket_title}
          </Link>
        </h2>
        <p className={styles.small}>
          <code>{purchase.order_id}</code>
        </p>
      </div>
      <div className={styles.badges}>
        <Badge tone={tone}>{words}</Badge>
        {purchase.dispute_status && (
          <Badge tone="bad">Disputed: {plain(purchase.dispute_status)}</Badge>
        )}
        {purchase.findings > 0 && (
          <Badge tone="bad">
            {purchase.findings === 1 ? "1 finding" : `${purchase.findings} findings`}
          </Badge>
        )}
      </div>
      <p className={styles.money}>
        {amount(purchase)}
        <span className={styles.small}>{plain(purchase.payment_status)}</span>
      </p>
    </article>
  );
}

const STEPS: Record<string, "previousElementSibling" | "nextElementSibling"> = {
  ArrowUp: "previousElementSibling",
  ArrowDown: "nextElementSibling",
};

function goOn(event: KeyboardEvent<HTMLAnchorElement>): void {
  const step = STEPS[event.key];
  const beside = step && event.currentTarget.closest("li")?.[step];
  if (!beside) return;
  event.preventDefault();
  beside.querySelector("a")?.focus();
}
