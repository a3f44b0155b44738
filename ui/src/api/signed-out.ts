import { useQueryClient } from "@tanstack/react-query";
import { becomeUser } from "./get-me";
import { forgetPerson } from "./queries";

/**
 * Nobody is signed in any more, and nothing of theirs stays. Leave pages that need somebody before:
 * they would ask to sign in.
 */
export function useSignedOut(): () => void {
  const queries = useQueryClient();
  return () => {
    becomeUser(queries, null);
    forgetPerson(queries);
  };
}
