import type { ReactNode } from "react";
import styles from "./badge.module.css";

export type Tone = "plain" | "good" | "warn" | "bad" | "live";

/** A short state, told by its words; the colour only helps. */
export function Badge(props: { tone: Tone; children: ReactNode }) {
  return (
    <span className={`${styles.badge} ${styles[props.tone]}`}>
      <span className={styles.dot} aria-hidden="true" />
      {props.children}
    </span>
  );
}
