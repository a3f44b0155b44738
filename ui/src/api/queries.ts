import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { becomeUser } from "./get-me";
import { isProblem, mayPass, Problem } from "./problem";

const MOST_TRIES = 3;

/** The cache of everything that the API has answered, and what happens when it does not. */
export function createQueries(): QueryClient {
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError: noticeEndOfSession }),
    mutationCache: new MutationCache({ onError: noticeEndOfSession }),
    defaultOptions: {
      queries: {
        networkMode: "always",
        staleTime: 5_000,
        retry: (failures, error) => failures < MOST_TRIES && mayPass(error),
        retryDelay: (failures, error) => pause(failures, error),
      },
      // A write is sent again by the person only: each one is safe to repeat, none is silent.
      mutations: { networkMode: "always", retry: false },
    },
  });

  /** Whichever request hears it first: pages that need somebody then ask to sign in. */
  function noticeEndOfSession(error: unknown): void {
    if (isProblem(error, "not-signed-in")) becomeUser(queries, null);
  }

  return queries;
}

function pause(failures: number, error: unknown): number {
  const asked = error instanceof Problem ? (error.retryAfter ?? 0) * 1_000 : 0;
  return Math.max(asked, Math.min(500 * 2 ** failures, 5_000));
}

/** Nothing that the person before could see stays behind. */
export function forgetPerson(queries: QueryClient): void {
  queries.removeQueries({ predicate: ({ queryKey }) => !KEPT.has(String(queryKey[0])) });
}

const KEPT = new Set(["me", "config"]);
