import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { Card } from "@/components/card";
import { Page } from "@/components/page";
import { Loading } from "@/components/skeleton";
import { ErrorState } from "@/components/state";
import { account as accountQuery } from "./api/get-account";
import styles from "./auth.module.css";
import { CloseAccount } from "./close-account";
import { Identities } from "./identities";
import { PasswordSection } from "./password-section";
import { Profile } from "./profile";
import { Sessions } from "./sessions";
import { Tokens } from "./tokens";

export function Component() {
  const { data: account, error, refetch } = useQuery(accountQuery);
  return (
    <Page title="Your account" width="medium">
      {!account && error && (
        <ErrorState error={error} what="your account" onRetry={() => void refetch()} />
      )}
      {!account && !error && <Loading what="your account" lines={6} />}
      {account && (
        <div className={styles.sections}>
          <Profile account={account} />
          <PasswordSection account={account} />
          <Identities account={account} />
          <Sessions />
          <Tokens />
          <Card title="Your data">
            <p className={styles.muted}>
              Everything that we keep about you: account, sign-ins, tokens, listings and orders, as
              one JSON file.
            </p>
            <div className={styles.buttons}>
              <a className={styles.provider} href="/api/users/me/export" download>
                <Download aria-hidden="true" />
                <span>Download my data</span>
              </a>
            </div>
          </Card>
          <CloseAccount account={account} />
        </div>
      )}
    </Page>
  );
}
