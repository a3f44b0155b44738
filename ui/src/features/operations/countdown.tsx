import { clockFace } from "@/lib/countdown";
import { useNow } from "./clock";
import styles from "./purchases.module.css";

const URGENT_SECONDS = 60;

/** How long a purchase may still be paid, or for how long its end has been overdue. */
export function Countdown({ until }: { until: string }) {
  const seconds = Math.ceil((Date.parse(until) - useNow()) / 1_000);
  if (seconds <= 0) {
    return (
      <span className={styles.countdown} data-urgent>
        over for {clockFace(-seconds)}
      </span>
    );
  }
  return (
    <span className={styles.countdown} data-urgent={seconds <= URGENT_SECONDS || undefined}>
      {clockFace(seconds)}
    </span>
  );
}
