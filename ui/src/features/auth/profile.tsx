import { sentence } from "@/api/problem";
import type { Account } from "@/api/types";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { Notice } from "@/components/notice";
import { formatMoment } from "@/lib/dates";
import { useSendVerification } from "./api/send-verification";
import styles from "./auth.module.css";

/** Who one is here, and whether the address is proven. */
export function Profile({ account }: { account: Account }) {
  const send = useSendVerification();
  return (
    <Card title="Profile">
      <div className={styles.item}>
        <span className={styles.line}>
          <strong>{account.email}</strong>
          {account.email_verified ? (
            <Badge tone="good">Verified</Badge>
          ) : (
            <Badge tone="warn">Not verified</Badge>
          )}
          {account.role === "operator" && <Badge tone="plain">Operator</Badge>}
        </span>
        <small>With us since {formatMoment(account.created_at)}</small>
      </div>
      {!account.email_verified && (
        <>
          <p className={styles.muted}>
            We have mailed you a link. Open it to prove that the address is yours.
          </p>
          {send.isSuccess ? (
            <Notice kind="good">A new link is on its way to {account.email}.</Notice>
          ) : (
            <div className={styles.buttons}>
              <Button look="secondary" busy={send.isPending} onClick={() => send.mutate()}>
                Send the link again
              </Button>
            </div>
          )}
          {send.error && <Notice kind="bad">{sentence(send.error)}</Notice>}
        </>
      )}
    </Card>
  );
}
