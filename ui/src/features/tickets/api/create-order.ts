import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { order } from "@/api/get-order";
import { mayPass } from "@/api/problem";
import { purchaseIntent, settlePurchaseIntent } from "@/lib/purchase-intent";
import { ticket } from "./get-ticket";

/** Reserve a ticket. However often it is sent for one intent to buy, it is one order. */
export function useCreateOrder(ticketId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/orders", {
          body: { ticket_id: ticketId },
          params: { header: { "Idempotency-Key": purchaseIntent(ticketId) } },
        }),
      ),
    onSuccess: (created) => {
      settlePurchaseIntent(ticketId);
      queries.setQueryData(order(created.id).queryKey, created);
    },
    onError: (error) => {
      if (!mayPass(error)) settlePurchaseIntent(ticketId);
    },
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ticket(ticketId).queryKey });
      void queries.invalidateQueries({ queryKey: ["orders"] });
    },
  });
}
