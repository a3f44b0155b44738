import { useQueryClient, type InfiniteData, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Ticket, TicketChange, TicketPage } from "@/api/types";
import { listen } from "@/lib/event-stream";
import { ticket } from "./get-ticket";

const SETTLE_MS = 1_200;

/** Keep listings and tickets on the screen as they are on the market. */
export function useWatchTickets(): void {
  const queries = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let openedBefore = false;
    /** Several changes at once are one look. */
    function lookAgain(): void {
      clearTimeout(timer);
      timer = setTimeout(
        () => void queries.invalidateQueries({ queryKey: ["tickets"] }),
        SETTLE_MS,
      );
    }
    const stop = listen("/api/tickets/events", {
      on: {
        ticket: (data) => {
          const change = JSON.parse(data) as TicketChange;
          if (!apply(queries, change)) lookAgain();
          return undefined;
        },
        resync: () => {
          lookAgain();
          return undefined;
        },
      },
      opened: () => {
        if (openedBefore) lookAgain();
        openedBefore = true;
      },
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [queries]);
}

/** Show the change where the ticket is on the screen; false if that takes a look at the server. */
function apply(queries: QueryClient, change: TicketChange): boolean {
  if (change.status === "gone") {
    void queries.invalidateQueries({ queryKey: ticket(change.id).queryKey });
    forEachListing(queries, (items) => items.filter((each) => each.id !== change.id));
    return true;
  }
  const { status } = change;
  let known = false;
  const update = (shown: Ticket): Ticket => {
    if (shown.id !== change.id) return shown;
    known = change.version === null || change.version === shown.version;
    return { ...shown, status };
  };
  queries.setQueryData(ticket(change.id).queryKey, (shown) => shown && update(shown));
  forEachListing(queries, (items) => items.map(update));
  return known;
}

function forEachListing(queries: QueryClient, change: (items: Ticket[]) => Ticket[]): void {
  queries.setQueriesData<InfiniteData<TicketPage>>(
    { queryKey: ["tickets", "list"] },
    (shown) =>
      shown && {
        ...shown,
        pages: shown.pages.map((page) => ({ ...page, items: change(page.items) })),
      },
  );
}
