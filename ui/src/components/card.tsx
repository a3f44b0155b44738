import type { ReactNode } from "react";
import styles from "./card.module.css";

/** A dark panel with an outline. */
export function Card(props: { title?: ReactNode; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.card}>
      {props.title && (
        <header className={styles.header}>
          <h2>{props.title}</h2>
          {props.aside}
        </header>
      )}
      {props.children}
    </section>
  );
}
