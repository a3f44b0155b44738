import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { listen } from "@/lib/event-stream";
import { order } from "./get-order";
import type { Order } from "./types";

/** Whether something can still happen to an order by itself. */
export const canChange = ({ status }: Order): boolean =>
  status === "created" || status === "awaiting_payment" || status === "refunding";

/** Keep an order as it is on the server for as long as something can still happen to it. */
export function useWatchOrder(watched: Order): void {
  const { id } = watched;
  const queries = useQueryClient();
  const isMoving = canChange(watched);
  useEffect(() => {
    if (!isMoving) return;
    const { queryKey } = order(id);
    return listen(`/api/orders/${encodeURIComponent(id)}/events`, {
      on: {
        order: (data) => {
          void queries.cancelQueries({ queryKey }); // it was asked before, and knows less
          queries.setQueryData(queryKey, JSON.parse(data) as Order);
          return undefined;
        },
        end: () => {
          void queries.invalidateQueries({ queryKey: ["orders"] });
          return "end";
        },
      },
      refused: () => void queries.invalidateQueries({ queryKey }),
    });
  }, [queries, id, isMoving]);
}
