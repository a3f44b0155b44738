import { queryOptions, useQuery, type QueryClient } from "@tanstack/react-query";
import { keepHint, mayBeSignedIn } from "@/lib/session-hint";
import { answer, api } from "./client";
import { isProblem } from "./problem";
import type { User } from "./types";

/** Who is signed in; null for nobody. */
async function getMe(signal: AbortSignal): Promise<User | null> {
  if (!mayBeSignedIn()) return null;
  try {
    return await answer(api.GET("/api/users/me", { signal }));
  } catch (error) {
    if (isProblem(error, "not-signed-in")) {
      keepHint(false);
      return null;
    }
    throw error;
  }
}

export const me = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => getMe(signal),
  staleTime: 60_000,
});

/** From now on it is this one, or nobody. */
export function becomeUser(queries: QueryClient, user: User | null): void {
  keepHint(user !== null);
  queries.setQueryData(me.queryKey, user);
}

/** Who is signed in; undefined while that is not known. */
export function useMe(): User | null | undefined {
  return useQuery(me).data;
}
