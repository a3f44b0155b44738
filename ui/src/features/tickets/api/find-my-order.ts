import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Ticket } from "@/api/types";

const LOOK_BACK = 20;
const LOOKS = 3;
const LOOK_AGAIN_MS = 2_000;
const CLAIMING = new Set(["created", "awaiting_payment", "complete", "refunding"]);

/** The signed-in user's own order that has this ticket right now, if any. */
export function myOrderOf({ id: ticketId, status }: Pick<Ticket, "id" | "status">) {
  return queryOptions({
    queryKey: ["orders", "of-ticket", ticketId, status],
    staleTime: 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const page = await answer(
        api.GET("/api/orders", { params: { query: { limit: LOOK_BACK } }, signal }),
      );
      return (
        page.items.find(({ ticket, status }) => ticket.id === ticketId && CLAIMING.has(status)) ??
        null
      );
    },
    // The market may hear of a hold a moment before the order is there.
    refetchInterval: ({ state }) =>
      state.data === null && state.dataUpdateCount < LOOKS ? LOOK_AGAIN_MS : false,
  });
}
