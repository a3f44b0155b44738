import { useConfig } from "@/api/get-config";
import { isProblem, Problem, sentence } from "@/api/problem";
import type { Account } from "@/api/types";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { Confirm } from "@/components/confirm";
import { Notice } from "@/components/notice";
import { formatMoment } from "@/lib/dates";
import { useLinkProvider } from "./api/link-provider";
import { useUnlinkProvider } from "./api/unlink-provider";
import styles from "./auth.module.css";
import { PROVIDER_NAMES, ProviderIcon } from "./provider-icon";

type Identity = Account["identities"][number];

/** The services that this account can be entered with. */
export function Identities({ account }: { account: Account }) {
  const offered = useConfig().data?.sign_in_providers ?? [];
  const link = useLinkProvider();
  const linked = new Set(account.identities.map(({ provider }) => provider));
  const others = offered.filter((provider) => !linked.has(provider));
  if (account.identities.length === 0 && others.length === 0) return null;
  return (
    <Card title="Sign in with">
      {account.identities.length > 0 && (
        <ul className={styles.list}>
          {account.identities.map((identity) => (
            <Linked key={identity.provider} identity={identity} />
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <div className={styles.buttons}>
          {others.map((provider) => (
            <Button
              key={provider}
              look="secondary"
              icon={<ProviderIcon provider={provider} />}
              busy={link.isPending || link.isSuccess}
              onClick={() => link.mutate(provider)}
            >
              {`Add ${PROVIDER_NAMES[provider] ?? provider}`}
            </Button>
          ))}
        </div>
      )}
      {link.error && <Notice kind="bad">{sentence(link.error)}</Notice>}
    </Card>
  );
}

function Linked({ identity }: { identity: Identity }) {
  const unlink = useUnlinkProvider(identity.provider);
  const name = PROVIDER_NAMES[identity.provider] ?? identity.provider;

  async function act(): Promise<void> {
    try {
      await unlink.mutateAsync();
    } catch (error) {
      if (isProblem(error, "last-way-in")) throw lastWayIn(error, name);
      throw error;
    }
  }

  return (
    <li>
      <span className={styles.item}>
        <strong>{name}</strong>
        <small>
          {identity.email ? `${identity.email}, since ` : "Since "}
          {formatMoment(identity.linked_at)}
        </small>
      </span>
      <Confirm
        trigger="Remove"
        triggerLabel={`Remove ${name}`}
        title={`Remove ${name}?`}
        confirm="Remove"
        act={act}
      >
        <p>You can then no longer sign in here with {name}.</p>
      </Confirm>
    </li>
  );
}

function lastWayIn(problem: Problem, name: string): Problem {
  const title = `${name} is the only way into your account. Choose a password first.`;
  return new Problem({ type: problem.kind, title, status: problem.status });
}
