import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { operations } from "@/api/schema";

type Query = NonNullable<operations["listTickets"]["parameters"]["query"]>;
export type Search = Omit<Query, "cursor" | "limit">;

const PAGE_SIZE = 24;

/** What the market offers, page by page. What was shown stays until the new answer is there. */
export function tickets(search: Search) {
  return infiniteQueryOptions({
    queryKey: ["tickets", "list", search],
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/tickets", {
          params: {
            query: { ...search, limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}
