import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

export function ticket(ticketId: string) {
  return queryOptions({
    queryKey: ["tickets", "one", ticketId],
    staleTime: 0, // whoever comes back to it may have bought it meanwhile
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/tickets/{ticket_id}", { params: { path: { ticket_id: ticketId } }, signal }),
      ),
  });
}
