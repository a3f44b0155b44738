import type { ReactNode } from "react";

const MARKS: Record<string, ReactNode> = {
  google: (
    <path d="M21.35 11.1H12v3.2h5.38c-.23 1.4-1.64 4.1-5.38 4.1a6.4 6.4 0 0 1 0-12.8c2 0 3.35.86 4.12 1.6l2.8-2.7A9.9 9.9 0 0 0 12 2a10 10 0 1 0 0 20c5.77 0 9.6-4.06 9.6-9.78 0-.66-.07-1.16-.25-1.12z" />
  ),
  github: (
    <path d="M12 2a10 10 0 0 0-3.16 19.49c.5.09.68-.22.68-.48v-1.7c-2.78.6-3.37-1.34-3.37-1.34-.45-1.16-1.11-1.47-1.11-1.47-.9-.62.07-.6.07-.6 1 .07 1.53 1.03 1.53 1.03.9 1.52 2.34 1.08 2.91.83.1-.65.35-1.09.63-1.34-2.22-.25-4.55-1.11-4.55-4.94 0-1.09.39-1.98 1.03-2.68-.1-.25-.45-1.27.1-2.64 0 0 .84-.27 2.75 1.02a9.6 9.6 0 0 1 5 0c1.91-1.29 2.75-1.02 2.75-1.02.55 1.37.2 2.39.1 2.64.64.7 1.03 1.59 1.03 2.68 0 3.84-2.34 4.68-4.57 4.93.36.31.68.92.68 1.85V21c0 .27.18.58.69.48A10 10 0 0 0 12 2z" />
  ),
};

export const PROVIDER_NAMES: Record<string, string> = { google: "Google", github: "GitHub" };

/** A provider's mark, in one colour. */
export function ProviderIcon({ provider }: { provider: string }) {
  return (
    <svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
      {MARKS[provider]}
    </svg>
  );
}
