import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";

const PAGE_SIZE = 20;

/** The signed-in user's orders, newest first. */
export const orders = infiniteQueryOptions({
  queryKey: ["orders", "list"],
  queryFn: ({ pageParam, signal }) =>
    answer(
      api.GET("/api/orders", {
        params: { query: { limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) } },
        signal,
      }),
    ),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});
