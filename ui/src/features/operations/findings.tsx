import { Link } from "react-router";
import { Badge } from "@/components/badge";
import { useToast } from "@/components/toast";
import { ActDialog } from "./act-dialog";
import { useDismiss } from "./api/board";
import styles from "./findings.module.css";
import { shortId } from "./headline";
import { Age, Utc } from "./time";
import type { Finding } from "./types";

/** What is not as it should be, and the way to take it off the board. */
export function Findings(props: { findings: readonly Finding[]; linked?: boolean }) {
  return (
    <ul className={styles.findings}>
      {props.findings.map((finding) => (
        <li key={finding.id}>
          <Item finding={finding} linked={props.linked ?? false} />
        </li>
      ))}
    </ul>
  );
}

function Item({ finding, linked }: { finding: Finding; linked: boolean }) {
  const dismiss = useDismiss(finding.id);
  const toast = useToast();
  return (
    <article className={finding.closed_at ? `${styles.finding} ${styles.healed}` : styles.finding}>
      <header className={styles.top}>
        <Badge tone={finding.closed_at ? "good" : "bad"}>{finding.kind}</Badge>
        <h3>{finding.title}</h3>
        <span className={styles.age}>
          {finding.closed_at ? (
            <>
              Put right <Utc iso={finding.closed_at} short />
            </>
          ) : (
            <>
              <Age iso={finding.found_at} /> old
            </>
          )}
        </span>
      </header>
      <p>{finding.detail}</p>
      <div className={styles.bottom}>
        <p className={styles.ids}>
          {finding.order_id && linked && (
            <Link to={`/operations/orders/${finding.order_id}`}>
              Order {shortId(finding.order_id)}
            </Link>
          )}
          {finding.payment_intent_id && <code>{finding.payment_intent_id}</code>}
          <span>
            Last seen <Utc iso={finding.seen_at} short />
          </span>
        </p>
        {!finding.closed_at && (
          <ActDialog
            trigger="Dismiss"
            triggerLabel={`Dismiss ${finding.kind}: ${finding.detail}`}
            title="Take this off the board?"
            confirm="Dismiss"
            act={async ({ reason }) => {
              await dismiss.mutateAsync(reason);
              toast("It is off the board.");
            }}
          >
            <p>Only once somebody has dealt with it: it does not come back by itself.</p>
            <p>{finding.detail}</p>
          </ActDialog>
        )}
      </div>
    </article>
  );
}
