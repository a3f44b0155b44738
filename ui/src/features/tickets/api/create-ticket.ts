import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { TicketDraft } from "@/api/types";
import { ticket } from "./get-ticket";

export function useCreateTicket() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: TicketDraft) => answer(api.POST("/api/tickets", { body })),
    onSuccess: (created) => {
      queries.setQueryData(ticket(created.id).queryKey, created);
      void queries.invalidateQueries({ queryKey: ["tickets", "list"] });
    },
  });
}
