/** Which purchases are listed, as the address bar says it: /operations?state=complete&q=pi_3Q… */
export interface PurchaseSearch {
  readonly state: State;
  /** Ids; several only when they are one person's. Never an e-mail address: addresses are logged. */
  readonly ids: readonly string[];
}

export const STATES = [
  "open",
  "created",
  "awaiting_payment",
  "complete",
  "refunding",
  "refunded",
  "cancelled",
  "any",
] as const;
export type State = (typeof STATES)[number];

export const STATE_NAMES: Record<State, string> = {
  open: "Open",
  created: "Reserved",
  awaiting_payment: "Waiting for payment",
  complete: "Complete",
  refunding: "Being refunded",
  refunded: "Refunded",
  cancelled: "Cancelled",
  any: "All",
};

const AN_ID = /^[A-Za-z0-9_-]{1,64}$/;
const MOST_IDS = 10;

/** Whoever looks for one purchase wants it, however it stands; everybody else wants the open ones. */
export const usualState = (ids: readonly string[]): State => (ids.length > 0 ? "any" : "open");

/** Whatever the address bar says: what makes no sense is as if it were not there. */
export function readSearch(params: URLSearchParams): PurchaseSearch {
  const ids = [...new Set(params.getAll("q"))].filter((id) => AN_ID.test(id)).slice(0, MOST_IDS);
  const state = STATES.find((known) => known === params.get("state")) ?? usualState(ids);
  return { state, ids };
}

export function writeSearch({ state, ids }: PurchaseSearch): URLSearchParams {
  const params = new URLSearchParams(ids.map((id) => ["q", id]));
  if (state !== usualState(ids)) params.set("state", state);
  return params;
}

/** Where the table of these purchases is, as CSV; one for each id. */
export function tablesOf({ state, ids }: PurchaseSearch): string[] {
  const searches = ids.length > 0 ? ids.map((search) => ({ state, search })) : [{ state }];
  return searches.map(
    (search) => `/api/operations/purchases.csv?${new URLSearchParams(search).toString()}`,
  );
}

export type Typed =
  { kind: "nothing" } | { kind: "id"; id: string } | { kind: "email"; email: string } | undefined;

/**
 * What somebody has typed or pasted: an id, perhaps as a workflow's id or with the secret half of a
 * PaymentIntent, or an e-mail address. Undefined if it is none of these.
 */
export function understand(typed: string): Typed {
  const bare = typed.trim();
  if (bare === "") return { kind: "nothing" };
  if (bare.includes("@")) return { kind: "email", email: bare };
  const id = bare
    .replace(/^#/, "")
    .replace(/^(purchase|refund|reconciliation)-/, "")
    .replace(/_secret_.*$/, "");
  return AN_ID.test(id) ? { kind: "id", id } : undefined;
}
