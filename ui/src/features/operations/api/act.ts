import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Action, PurchaseDetail } from "@/features/operations/types";
import { purchase } from "./get-purchase";

export interface Draft {
  reason: string;
  /** For more time: what is added to the deadline that was seen. Sent twice, it is added once. */
  seconds: number;
  expires_at: string;
}

/** Do something to a purchase. Each can be sent again: what is done already is not done twice. */
export function useAct(orderId: string, action: Action) {
  return useChange(orderId, (draft: Draft) => answer(act(orderId, action, draft)));
}

/** Hold a purchase against Stripe and Temporal now. */
export function useCheck(orderId: string) {
  const params = { path: { order_id: orderId } };
  return useChange(orderId, () =>
    answer(api.POST("/api/operations/purchases/{order_id}/check", { params })),
  );
}

function act(orderId: string, action: Action, { reason, ...more }: Draft) {
  const params = { path: { order_id: orderId } };
  switch (action) {
    case "extend":
      return api.POST("/api/operations/purchases/{order_id}/extend", {
        params,
        body: { reason, ...more },
      });
    case "cancel":
      return api.POST("/api/operations/purchases/{order_id}/cancel", { params, body: { reason } });
    case "retry_capture":
      return api.POST("/api/operations/purchases/{order_id}/retry-capture", {
        params,
        body: { reason },
      });
    case "refund":
      return api.POST("/api/operations/purchases/{order_id}/refund", { params, body: { reason } });
    case "settle_refund":
      return api.POST("/api/operations/purchases/{order_id}/settle-refund", {
        params,
        body: { reason },
      });
  }
}

/** Whatever came of it, all that operators see is asked for again. */
function useChange<Said>(orderId: string, change: (said: Said) => Promise<PurchaseDetail>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (detail) => queries.setQueryData(purchase(orderId).queryKey, detail),
    onSettled: () => queries.invalidateQueries({ queryKey: ["operations"] }),
  });
}
