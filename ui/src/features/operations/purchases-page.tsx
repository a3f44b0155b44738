import { useInfiniteQuery } from "@tanstack/react-query";
import { Download, Inbox } from "lucide-react";
import { useSearchParams } from "react-router";
import { sentence } from "@/api/problem";
import { Button } from "@/components/button";
import button from "@/components/button.module.css";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { Loading } from "@/components/skeleton";
import { EmptyState, ErrorState } from "@/components/state";
import { purchases } from "./api/list-purchases";
import { PurchaseRow } from "./purchase-row";
import {
  readSearch,
  STATE_NAMES,
  tablesOf,
  writeSearch,
  type PurchaseSearch,
} from "./purchase-search";
import styles from "./purchases.module.css";
import { SearchForm } from "./search-form";
import { Utc } from "./time";

/** Everybody's purchases, as they are right now. */
export function Component() {
  const [params, setParams] = useSearchParams();
  const search = readSearch(params);
  const listing = useInfiniteQuery(purchases(search));
  const items = unique(listing.data?.pages.flatMap((page) => page.items) ?? []);
  const look = (next: PurchaseSearch): void =>
    setParams(writeSearch(next), { preventScrollReset: true });

  return (
    <Page
      title="Purchases"
      lead="As they are right now; what is open, by its deadline. Times are in UTC."
      actions={<Tables search={search} />}
    >
      <SearchForm key={params.toString()} search={search} onChange={look} />
      <div className={styles.results}>
        <p role="status" className="visually-hidden">
          {listing.isSuccess && !listing.isPlaceholderData && counted(items.length)}
        </p>
        {listing.isPending && <Loading what="purchases" lines={6} />}
        {listing.isError && items.length === 0 && (
          <ErrorState
            error={listing.error}
            what="the purchases"
            onRetry={() => void listing.refetch()}
          />
        )}
        {listing.isError && items.length > 0 && (
          <Notice kind="bad" title="This is not up to date.">
            <p>{sentence(listing.error)}</p>
            <Button look="secondary" onClick={() => void listing.refetch()}>
              Try again
            </Button>
          </Notice>
        )}
        {listing.isSuccess && items.length === 0 && <Nothing search={search} onChange={look} />}
        {items.length > 0 && (
          <>
            <p className={styles.asOf}>
              As of <Utc iso={new Date(listing.dataUpdatedAt).toISOString()} short />
            </p>
            <ul className={styles.list} aria-busy={listing.isPlaceholderData}>
              {items.map((purchase) => (
                <li key={purchase.order_id}>
                  <PurchaseRow purchase={purchase} />
                </li>
              ))}
            </ul>
          </>
        )}
        {listing.hasNextPage && (
          <div className={styles.more}>
            <Button
              look="secondary"
              busy={listing.isFetchingNextPage}
              onClick={() => void listing.fetchNextPage()}
            >
              Load more
            </Button>
          </div>
        )}
      </div>
    </Page>
  );
}

/** The browser's own way to keep a file: it may be long, and none of it has to fit in this page. */
function Tables({ search }: { search: PurchaseSearch }) {
  const tables = tablesOf(search);
  return tables.map((table, index) => (
    <a key={table} href={table} download className={`${button["button"]} ${button["secondary"]}`}>
      <Download aria-hidden="true" />
      <span>Export CSV{tables.length > 1 && ` (${index + 1} of ${tables.length})`}</span>
    </a>
  ));
}

function Nothing(props: { search: PurchaseSearch; onChange: (next: PurchaseSearch) => void }) {
  const { search, onChange } = props;
  if (search.ids.length > 0) {
    return (
      <EmptyState icon={<Inbox />} title="No purchase fits.">
        <p>
          {search.state === "any"
            ? "Nothing is known under this id. Ids are whole and exact."
            : `Among those that are “${STATE_NAMES[search.state]}” nothing is known under this id.`}
        </p>
        {search.state !== "any" && (
          <Button look="secondary" onClick={() => onChange({ ...search, state: "any" })}>
            Look in all states
          </Button>
        )}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<Inbox />}
      title={
        search.state === "open" ? "Nobody is buying right now." : "There are no such purchases."
      }
    >
      <p>
        {search.state === "open"
          ? "A purchase appears here as soon as a ticket is reserved."
          : "Choose another state to see more."}
      </p>
    </EmptyState>
  );
}

/** What moved from one page to another between two answers is shown once. */
function unique<Item extends { order_id: string }>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.order_id, item])).values()];
}

const counted = (count: number): string =>
  count === 0 ? "No purchases found" : `${count} ${count === 1 ? "purchase" : "purchases"} shown`;
