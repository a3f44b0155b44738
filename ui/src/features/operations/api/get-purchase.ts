import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { PurchaseDetail } from "@/features/operations/types";

const MOVING_AGAIN_MS = 3_000;
const RESTING_AGAIN_MS = 20_000;

/** Everything about one purchase; asked for again while it is looked at. */
export function purchase(orderId: string) {
  return queryOptions({
    queryKey: ["operations", "purchase", orderId],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/operations/purchases/{order_id}", {
          params: { path: { order_id: orderId } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data && !isMoving(state.data) ? RESTING_AGAIN_MS : MOVING_AGAIN_MS,
  });
}

const isMoving = ({ workflows }: PurchaseDetail): boolean =>
  workflows.some(({ status }) => status === "running" || status === "unknown");
