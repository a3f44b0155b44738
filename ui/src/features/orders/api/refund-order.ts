import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { order } from "@/api/get-order";

/** All of the money back; the API refuses a second time by itself. */
export function useRefundOrder(orderId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/orders/{order_id}/refund", { params: { path: { order_id: orderId } } }),
      ),
    onSuccess: (refunding) => queries.setQueryData(order(orderId).queryKey, refunding),
    onSettled: () => queries.invalidateQueries({ queryKey: ["orders"] }),
  });
}
