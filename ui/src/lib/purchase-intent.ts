// One click to buy is one order, however often it is sent: the key is minted when a person first
// means to buy, and kept in this tab until there is an order or the ticket is gone.

const name = (ticketId: string): string => `purchase-intent:${ticketId}`;

export function purchaseIntent(ticketId: string): string {
  const kept = sessionStorage.getItem(name(ticketId));
  if (kept) return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(name(ticketId), key);
  return key;
}

/** The next click is another purchase. */
export function settlePurchaseIntent(ticketId: string): void {
  sessionStorage.removeItem(name(ticketId));
}
