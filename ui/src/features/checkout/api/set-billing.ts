import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { order } from "@/api/get-order";
import type { BillingDraft } from "@/api/types";

/** Whom the bill is for: fixes taxes and total, and makes the order payable. */
export function useSetBilling(orderId: string) {
  const queries = useQueryClient();
  const { queryKey } = order(orderId);
  return useMutation({
    mutationFn: (body: BillingDraft) =>
      answer(
        api.PUT("/api/orders/{order_id}/billing", {
          params: { path: { order_id: orderId } },
          body,
        }),
      ),
    onSuccess: (billed) => queries.setQueryData(queryKey, billed),
    onError: () => void queries.invalidateQueries({ queryKey }),
  });
}
