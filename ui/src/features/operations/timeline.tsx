import { shortId } from "./headline";
import styles from "./purchase.module.css";
import { Utc } from "./time";
import type { PurchaseEvent } from "./types";

const SOURCES: Record<PurchaseEvent["source"], string> = {
  order: "Order",
  stripe: "Stripe",
  mail: "Mail",
};

/** All that happened, oldest first, in the words in which it was written down. */
export function Timeline({ timeline }: { timeline: readonly PurchaseEvent[] }) {
  return (
    <ol className={styles.timeline}>
      {timeline.map((event, index) => (
        <li key={index} data-source={event.source}>
          <p className={styles.moment}>
            <Utc iso={event.at} />
            <span className={styles.source}>{SOURCES[event.source]}</span>
          </p>
          <p className={styles.event}>{inWords(event)}</p>
          {(event.who ?? event.why) && (
            <p className={styles.why}>
              {event.why && <q>{event.why}</q>}
              {event.who && (
                <span>
                  {" "}
                  operator <code title={event.who}>{shortId(event.who)}</code>
                </span>
              )}
            </p>
          )}
          {event.about && (
            <p className={styles.about}>
              <code>{event.about}</code>
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}

/** Stripe's names for what happens are names: they keep their small letters. */
const inWords = ({ source, what }: PurchaseEvent): string =>
  source === "stripe" ? what : what.charAt(0).toUpperCase() + what.slice(1);
