import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { PurchaseSearch } from "@/features/operations/purchase-search";
import type { PurchasePage } from "@/features/operations/types";

const PAGE_SIZE = 50;
const OPEN_AGAIN_MS = 4_000;
const OTHERS_AGAIN_MS = 15_000;

/** Where a list goes on: in the answers for which of the ids, and behind what. */
interface Place {
  index: number;
  cursor: string;
}

/**
 * Everybody's purchases, page by page; those of several ids one id after the other. They are asked
 * for again every few seconds, as long as the page is looked at.
 */
export function purchases(search: PurchaseSearch) {
  return infiniteQueryOptions({
    queryKey: ["operations", "purchases", search],
    queryFn: ({ pageParam, signal }) => pageFrom(search, pageParam, signal),
    initialPageParam: { index: 0, cursor: "" },
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      (search.state === "open" ? OPEN_AGAIN_MS : OTHERS_AGAIN_MS) *
      Math.max(1, state.data?.pages.length ?? 1),
  });
}

/** The first page from there on that has anything on it. */
async function pageFrom(search: PurchaseSearch, place: Place, signal: AbortSignal) {
  for (let from = place; ;) {
    const page = await getPage(search, from, signal);
    const next = after(page, from, search.ids.length);
    if (page.items.length > 0 || next === undefined) return { items: page.items, next };
    from = next;
  }
}

function getPage(search: PurchaseSearch, { index, cursor }: Place, signal: AbortSignal) {
  const id = search.ids[index];
  return answer(
    api.GET("/api/operations/purchases", {
      params: {
        query: {
          state: search.state,
          limit: PAGE_SIZE,
          ...(id === undefined ? {} : { search: id }),
          ...(cursor ? { cursor } : {}),
        },
      },
      signal,
    }),
  );
}

function after(page: PurchasePage, { index }: Place, ids: number): Place | undefined {
  if (page.next_cursor) return { index, cursor: page.next_cursor };
  return index + 1 < ids ? { index: index + 1, cursor: "" } : undefined;
}
