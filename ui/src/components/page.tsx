import { useEffect, useRef, type ReactNode } from "react";
import { NavigationType, useNavigationType } from "react-router";
import styles from "./page.module.css";

const SITE = "Ticket Exchange";

/**
 * A page: its name in the tab and as its heading. After a click that led here the heading gets the
 * focus, so that a screen reader says where one is.
 */
export function Page(props: {
  title: string;
  /** The visible heading, where it says more than the tab. */
  heading?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  width?: "narrow" | "medium" | "wide";
  hideHeading?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={`${styles.page} ${styles[props.width ?? "wide"]}`}>
      <title>{`${props.title} · ${SITE}`}</title>
      <header className={props.hideHeading ? "visually-hidden" : styles.header}>
        <div className={styles.heading}>
          <Heading>{props.heading ?? props.title}</Heading>
          {props.lead && <p className={styles.lead}>{props.lead}</p>}
        </div>
        {props.actions && <div className={styles.actions}>{props.actions}</div>}
      </header>
      {props.children}
    </div>
  );
}

function Heading({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const wasLoaded = useNavigationType() === NavigationType.Pop;
  useEffect(() => {
    if (!wasLoaded) heading.current?.focus({ preventScroll: true });
    // Only when the page appears: a change of its address bar is not another page.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
