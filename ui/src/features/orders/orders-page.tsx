import { useInfiniteQuery } from "@tanstack/react-query";
import { TicketCheck } from "lucide-react";
import { orders } from "@/api/list-orders";
import { canChange } from "@/api/watch-order";
import { Button, ButtonLink } from "@/components/button";
import { Page } from "@/components/page";
import { Loading } from "@/components/skeleton";
import { EmptyState, ErrorState } from "@/components/state";
import { OrderCard } from "./order-card";
import styles from "./order.module.css";

const LOOK_AGAIN_MS = 4_000;

export function Component() {
  const listing = useInfiniteQuery({
    ...orders,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(canChange)) ? LOOK_AGAIN_MS : false,
  });
  const items = listing.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Your orders">
      {listing.isPending && <Loading what="your orders" grid={4} />}
      {listing.isError && items.length === 0 && (
        <ErrorState
          error={listing.error}
          what="your orders"
          onRetry={() => void listing.refetch()}
        />
      )}
      {listing.isSuccess && items.length === 0 && (
        <EmptyState icon={<TicketCheck />} title="You have no orders yet.">
          <p>What you buy is kept here, with its receipt.</p>
          <ButtonLink to="/">Browse tickets</ButtonLink>
        </EmptyState>
      )}
      {items.length > 0 && (
        <ul className={styles.grid}>
          {items.map((order) => (
            <li key={order.id}>
              <OrderCard order={order} />
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
    </Page>
  );
}
