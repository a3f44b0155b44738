import { useInfiniteQuery } from "@tanstack/react-query";
import { Ticket as TicketIcon } from "lucide-react";
import { useSearchParams } from "react-router";
import { useMe } from "@/api/get-me";
import { Button, ButtonLink } from "@/components/button";
import { Page } from "@/components/page";
import { Loading } from "@/components/skeleton";
import { EmptyState, ErrorState } from "@/components/state";
import { tickets } from "./api/list-tickets";
import { useWatchTickets } from "./api/watch-tickets";
import { Filters } from "./filters";
import styles from "./market-page.module.css";
import { isFiltered, readSearch, toQuery, writeSearch, type MarketSearch } from "./search-params";
import { SortPills } from "./sort-pills";
import { TicketCard } from "./ticket-card";

export function Component() {
  const [params, setParams] = useSearchParams();
  const user = useMe();
  const asked = readSearch(params);
  const search = { ...asked, mine: asked.mine && user !== null };
  const listing = useInfiniteQuery({
    ...tickets(toQuery(search)),
    enabled: !search.mine || user !== undefined,
  });
  useWatchTickets();

  const items = listing.data?.pages.flatMap((page) => page.items) ?? [];
  const look = (next: MarketSearch): void =>
    setParams(writeSearch(next), { preventScrollReset: true });

  return (
    <Page
      title={search.mine ? "Your listings" : "Tickets, person to person"}
      lead={
        search.mine
          ? "Everything that you have put on the market, whatever became of it."
          : "Your seat is held while you pay, and you are never charged for a ticket that you do not get."
      }
    >
      <div className={styles.market}>
        <div className={styles.results}>
          <SortPills search={search} onChange={look} />
          <p role="status" className="visually-hidden">
            {listing.isSuccess &&
              !listing.isPlaceholderData &&
              counted(items.length, listing.hasNextPage)}
          </p>
          {listing.isPending && <Loading what="tickets" grid={8} />}
          {listing.isError && items.length === 0 && (
            <ErrorState
              error={listing.error}
              what="the tickets"
              onRetry={() => void listing.refetch()}
            />
          )}
          {listing.isSuccess && items.length === 0 && <Nothing search={search} onChange={look} />}
          {items.length > 0 && (
            <ul className={styles.grid} aria-busy={listing.isPlaceholderData}>
              {items.map((ticket) => (
                <li key={ticket.id}>
                  <TicketCard ticket={ticket} own={ticket.seller_id === user?.id} />
                </li>
              ))}
            </ul>
          )}
          {listing.hasNextPage && (
            <div className={styles.more}>
              <Button
                look="secondary"
                busy={listing.isFetchingNextPage}
                onClick={() => void listing.fetchNextPage()}
              >
                Show more
              </Button>
            </div>
          )}
        </div>
        <Filters key={params.toString()} search={search} signedIn={Boolean(user)} onChange={look} />
      </div>
    </Page>
  );
}

function Nothing(props: { search: MarketSearch; onChange: (next: MarketSearch) => void }) {
  if (isFiltered(props.search)) {
    return (
      <EmptyState icon={<TicketIcon />} title="No tickets match these filters.">
        <p>Try fewer keywords or a wider price range.</p>
        <Button
          look="secondary"
          onClick={() =>
            props.onChange({ ...props.search, keywords: [], min: undefined, max: undefined })
          }
        >
          Clear the filters
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<TicketIcon />}
      title={props.search.mine ? "You have nothing on the market." : "No tickets are for sale yet."}
    >
      <p>Have one that you cannot use? Somebody may be looking for it.</p>
      <ButtonLink to="/tickets/create">Sell a ticket</ButtonLink>
    </EmptyState>
  );
}

function counted(count: number, more: boolean): string {
  if (count === 0) return "No tickets found";
  return `${count}${more ? " or more" : ""} ${count === 1 ? "ticket" : "tickets"} shown`;
}
