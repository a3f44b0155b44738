import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { TicketDraft } from "@/api/types";
import { ticket } from "./get-ticket";

export function useReplaceTicket(ticketId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: TicketDraft) =>
      answer(
        api.PUT("/api/tickets/{ticket_id}", { params: { path: { ticket_id: ticketId } }, body }),
      ),
    onSuccess: (changed) => queries.setQueryData(ticket(ticketId).queryKey, changed),
    onSettled: () => void queries.invalidateQueries({ queryKey: ["tickets"] }),
  });
}
