import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { order } from "@/api/get-order";

/** Give the ticket back; whatever the bank holds is let go. */
export function useCancelOrder(orderId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/orders/{order_id}/cancel", { params: { path: { order_id: orderId } } }),
      ),
    onSuccess: (cancelled) => queries.setQueryData(order(orderId).queryKey, cancelled),
    onSettled: () => void queries.invalidateQueries({ queryKey: ["orders"] }),
  });
}
