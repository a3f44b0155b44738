import { useQuery } from "@tanstack/react-query";
import { sentence } from "@/api/problem";
import type { Session } from "@/api/types";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { Confirm } from "@/components/confirm";
import { Notice } from "@/components/notice";
import { Loading } from "@/components/skeleton";
import { ErrorState } from "@/components/state";
import { formatMoment } from "@/lib/dates";
import { useEndSession } from "./api/end-session";
import { sessions as sessionsQuery } from "./api/list-sessions";
import styles from "./auth.module.css";
import { nameOfBrowser } from "./user-agent";

/** Where one is signed in. */
export function Sessions() {
  const { data, error, refetch } = useQuery(sessionsQuery);
  const end = useEndSession();
  return (
    <Card title="Where you are signed in">
      {!data && error && (
        <ErrorState error={error} what="your sessions" onRetry={() => void refetch()} />
      )}
      {!data && !error && <Loading what="your sessions" lines={2} />}
      {data && (
        <ul className={styles.list}>
          {data.items.map((session) => (
            <One key={session.id} session={session} />
          ))}
        </ul>
      )}
      {data && data.items.length > 1 && (
        <div className={styles.buttons}>
          <Confirm
            trigger="Sign out everywhere else"
            title="Sign out everywhere else?"
            confirm="Sign out"
            act={() => end.mutateAsync("others")}
          >
            <p>Only this browser stays signed in.</p>
          </Confirm>
        </div>
      )}
    </Card>
  );
}

function One({ session }: { session: Session }) {
  const end = useEndSession();
  return (
    <li>
      <span className={styles.item}>
        <span className={styles.line}>
          <strong>{nameOfBrowser(session.user_agent)}</strong>
          {session.current && <Badge tone="good">This browser</Badge>}
        </span>
        <small>
          Last used {formatMoment(session.last_seen_at)}, since {formatMoment(session.created_at)}
        </small>
      </span>
      {!session.current && (
        <Button
          look="secondary"
          busy={end.isPending}
          onClick={() => end.mutate({ id: session.id })}
        >
          Sign out
        </Button>
      )}
      {end.error && <Notice kind="bad">{sentence(end.error)}</Notice>}
    </li>
  );
}
