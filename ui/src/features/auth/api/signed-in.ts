import { useQueryClient } from "@tanstack/react-query";
import { becomeUser, me } from "@/api/get-me";
import { forgetPerson } from "@/api/queries";
import type { User } from "@/api/types";

/** Somebody has signed in: what was loaded for nobody, or for somebody else, is loaded anew. */
export function useSignedIn(): (user: User) => void {
  const queries = useQueryClient();
  return (user) => {
    const before = queries.getQueryData(me.queryKey);
    becomeUser(queries, user);
    if (before?.id !== user.id) forgetPerson(queries);
  };
}
