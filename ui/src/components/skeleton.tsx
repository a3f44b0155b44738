import { useEffect, useState } from "react";
import styles from "./skeleton.module.css";

const SLOW_MS = 4_000;

/** Where something will be. Says so once, and says more when it takes long. */
export function Loading(props: { what: string; lines?: number; grid?: number; height?: string }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={styles.loading} data-loading>
      <p className={slow ? styles.slow : "visually-hidden"} role="status">
        {slow
          ? `Still loading ${props.what}. The server is slow right now.`
          : `Loading ${props.what}`}
      </p>
      <div className={props.grid ? styles.grid : styles.lines} aria-hidden="true">
        {Array.from({ length: props.grid ?? props.lines ?? 3 }, (_, index) => (
          <div key={index} className={props.grid ? styles.tile : styles.line} />
        ))}
      </div>
    </div>
  );
}
