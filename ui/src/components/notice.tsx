import { CircleAlert, CircleCheck, Info } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./notice.module.css";

type Kind = "bad" | "good" | "info";
const ICONS = { bad: CircleAlert, good: CircleCheck, info: Info };

/** A message in the page. Bad news interrupts whoever listens, other news waits for a pause. */
export function Notice(props: { kind: Kind; title?: string; children?: ReactNode }) {
  const Icon = ICONS[props.kind];
  return (
    <div
      className={`${styles.notice} ${styles[props.kind]}`}
      role={props.kind === "bad" ? "alert" : "status"}
    >
      <Icon aria-hidden="true" />
      <div>
        {props.title && <p className={styles.title}>{props.title}</p>}
        {props.children}
      </div>
    </div>
  );
}
