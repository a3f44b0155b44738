import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { NewToken, Token } from "@/api/types";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { Confirm } from "@/components/confirm";
import { Notice } from "@/components/notice";
import { Loading } from "@/components/skeleton";
import { ErrorState } from "@/components/state";
import { useToast } from "@/components/toast";
import { formatMoment } from "@/lib/dates";
import { tokens as tokensQuery } from "./api/list-tokens";
import { useRevokeToken } from "./api/revoke-token";
import styles from "./auth.module.css";
import { NewTokenForm } from "./new-token-form";

/** Keys for programs that act for this account. */
export function Tokens() {
  const { data, error, refetch } = useQuery(tokensQuery);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewToken>();
  return (
    <Card title="API tokens">
      <p className={styles.muted}>
        A token lets a program of yours act for you, within the scopes that you give it.
      </p>
      {made && <ShownOnce made={made} onDone={() => setMade(undefined)} />}
      {!data && error && (
        <ErrorState error={error} what="your tokens" onRetry={() => void refetch()} />
      )}
      {!data && !error && <Loading what="your tokens" lines={1} />}
      {data && data.items.length > 0 && (
        <ul className={styles.list}>
          {data.items.map((token) => (
            <One key={token.id} token={token} />
          ))}
        </ul>
      )}
      {adding ? (
        <NewTokenForm
          onMade={(token) => {
            setMade(token);
            setAdding(false);
          }}
          onCancel={() => setAdding(false)}
        />
      ) : (
        <div className={styles.buttons}>
          <Button look="secondary" onClick={() => setAdding(true)}>
            New token
          </Button>
        </div>
      )}
    </Card>
  );
}

function ShownOnce({ made, onDone }: { made: NewToken; onDone: () => void }) {
  const toast = useToast();

  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(made.token);
    toast("The token is copied.");
  }

  return (
    <Notice kind="good" title={`Here is the token “${made.name}”.`}>
      <p>Copy it now: it is shown only this once.</p>
      <code className={styles.secret}>{made.token}</code>
      <div className={styles.buttons}>
        {window.isSecureContext && (
          <Button look="secondary" onClick={() => void copy()}>
            Copy
          </Button>
        )}
        <Button look="quiet" onClick={onDone}>
          I have it
        </Button>
      </div>
    </Notice>
  );
}

function One({ token }: { token: Token }) {
  const revoke = useRevokeToken(token.id);
  return (
    <li>
      <span className={styles.item}>
        <strong>{token.name}</strong>
        <small>{token.scopes.join(", ")}</small>
        <small>
          {token.last_used_at ? `Last used ${formatMoment(token.last_used_at)}` : "Never used"}
          {token.expires_at && `, good until ${formatMoment(token.expires_at)}`}
        </small>
      </span>
      <Confirm
        trigger="Revoke"
        triggerLabel={`Revoke ${token.name}`}
        title="Revoke this token?"
        confirm="Revoke"
        act={() => revoke.mutateAsync()}
      >
        <p>Programs that use “{token.name}” can no longer act for you.</p>
      </Confirm>
    </li>
  );
}
