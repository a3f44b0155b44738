import { CloudOff, RefreshCw, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { mayPass, Problem, sentence } from "@/api/problem";
import { Button } from "./button";
import styles from "./state.module.css";

/** There is nothing to show, and what one can do about that. */
export function EmptyState(props: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className={styles.state}>
      <div className={styles.icon} aria-hidden="true">
        {props.icon}
      </div>
      <p className={styles.title}>{props.title}</p>
      {props.children}
    </div>
  );
}

/** Something could not be loaded. */
export function ErrorState(props: { error: unknown; what: string; onRetry: () => void }) {
  const gone = props.error instanceof Problem && props.error.status === 404;
  return (
    <div role="alert">
      <EmptyState
        icon={gone ? <SearchX /> : <CloudOff />}
        title={gone ? `We could not find ${props.what}.` : `We could not load ${props.what}.`}
      >
        <p className={styles.text}>
          {gone ? "It may have been removed, or it is not yours to see." : sentence(props.error)}
        </p>
        {(mayPass(props.error) || !gone) && (
          <Button look="secondary" icon={<RefreshCw aria-hidden="true" />} onClick={props.onRetry}>
            Try again
          </Button>
        )}
      </EmptyState>
    </div>
  );
}
