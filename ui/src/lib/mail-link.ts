import { useEffect, useState } from "react";

/**
 * The token of a link in a mail: /reset#token=…. It is taken out of the address bar, so that it
 * stays neither in the history nor in a bookmark nor on a shared screen.
 */
export function useMailToken(): string | null {
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get("token"));
  useEffect(() => {
    if (location.hash) history.replaceState(history.state, "", location.pathname);
  }, []);
  return token;
}
