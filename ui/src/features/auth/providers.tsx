import { useConfig } from "@/api/get-config";
import styles from "./auth.module.css";
import { PROVIDER_NAMES, ProviderIcon } from "./provider-icon";

/** The ways in that the server offers beside a password, if any. They lead away and come back. */
export function Providers({ next }: { next: string }) {
  const providers = useConfig().data?.sign_in_providers ?? [];
  if (providers.length === 0) return null;
  return (
    <>
      <div className={styles.providers}>
        {providers.map((provider) => (
          <a
            key={provider}
            className={styles.provider}
            href={`/api/auth/${provider}/login?next=${encodeURIComponent(next)}`}
          >
            <ProviderIcon provider={provider} />
            <span>Continue with {PROVIDER_NAMES[provider] ?? provider}</span>
          </a>
        ))}
      </div>
      <p className={styles.or}>or</p>
    </>
  );
}
