import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { ticket } from "./get-ticket";

export function useDeleteTicket(ticketId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(api.DELETE("/api/tickets/{ticket_id}", { params: { path: { ticket_id: ticketId } } })),
    onSuccess: () => queries.removeQueries({ queryKey: ticket(ticketId).queryKey }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ["tickets", "list"] }),
  });
}
