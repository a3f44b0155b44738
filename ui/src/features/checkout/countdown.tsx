import { Hourglass } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { clockFace, markBetween, spoken } from "@/lib/countdown";
import styles from "./countdown.module.css";

/** How long the ticket is held. Shown every second, said only when it matters. */
export function Countdown({ seconds }: { seconds: number }) {
  const [said, setSaid] = useState("");
  const before = useRef(seconds);
  useEffect(() => {
    const mark = markBetween(before.current, seconds);
    before.current = seconds;
    if (mark !== undefined) setSaid(spoken(mark));
  }, [seconds]);

  return (
    <div className={styles.countdown} data-urgent={seconds <= 60}>
      <Hourglass aria-hidden="true" />
      {seconds > 0 ? (
        <p>
          <span className={styles.words}>Held for you for</span>
          <span className={styles.face} role="timer" aria-label="Time left to pay">
            {clockFace(seconds)}
          </span>
        </p>
      ) : (
        <p>
          <span className={styles.over}>Time is up</span>
        </p>
      )}
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </div>
  );
}
