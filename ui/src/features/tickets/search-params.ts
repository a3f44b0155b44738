import { parseMoney } from "@/lib/money";
import type { Search } from "./api/list-tickets";

/** What is looked for, as the address bar says it: /?q=rock&q=live&min=20&max=80&sort=-price */
export interface MarketSearch {
  readonly keywords: readonly string[];
  /** Minor units. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly sort: Sort;
  /** Only the signed-in user's own listings, whatever became of them. */
  readonly mine: boolean;
}

export const SORTS = ["-created_at", "created_at", "price", "-price", "title", "-title"] as const;
export type Sort = (typeof SORTS)[number];
export const NEWEST: Sort = "-created_at";

const MOST_KEYWORDS = 12;

/** Whatever the address bar says: what makes no sense is as if it were not there. */
export function readSearch(params: URLSearchParams): MarketSearch {
  const min = parseMoney(params.get("min") ?? "");
  const max = parseMoney(params.get("max") ?? "");
  const sort = SORTS.find((known) => known === params.get("sort")) ?? NEWEST;
  return {
    keywords: unique(params.getAll("q").flatMap(words)),
    min,
    max: min !== undefined && max !== undefined && max < min ? undefined : max,
    sort,
    mine: params.get("mine") === "1",
  };
}

export function writeSearch(search: MarketSearch): URLSearchParams {
  const params = new URLSearchParams();
  for (const word of search.keywords) params.append("q", word);
  if (search.min !== undefined) params.set("min", typed(search.min));
  if (search.max !== undefined) params.set("max", typed(search.max));
  if (search.sort !== NEWEST) params.set("sort", search.sort);
  if (search.mine) params.set("mine", "1");
  return params;
}

/** The same, in the API's words. */
export function toQuery(search: MarketSearch): Search {
  return {
    ...(search.keywords.length > 0 ? { keywords: search.keywords.join(" ") } : {}),
    ...(search.min === undefined ? {} : { min_price: search.min }),
    ...(search.max === undefined ? {} : { max_price: search.max }),
    ...(search.mine ? { seller: "me", status: "any" } : {}),
    sort: search.sort,
  };
}

/** Words that were typed, added to those that count already. */
export function addKeywords(search: MarketSearch, typed: string): MarketSearch {
  return { ...search, keywords: unique([...search.keywords, ...words(typed)]) };
}

export const isFiltered = (search: MarketSearch): boolean =>
  search.keywords.length > 0 || search.min !== undefined || search.max !== undefined;

const words = (typed: string): string[] => typed.split(/\s+/).filter(Boolean);

function unique(all: string[]): string[] {
  const seen = new Map(all.map((word) => [word.toLocaleLowerCase(), word]));
  return [...seen.values()].slice(0, MOST_KEYWORDS);
}

/** Whole dollars without the zeroes, so that an address stays short. */
function typed(minor: number): string {
  return minor % 100 === 0 ? String(minor / 100) : (minor / 100).toFixed(2);
}
