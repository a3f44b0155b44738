// What was typed and not sent yet, for as long as this tab is open: it survives signing in again in
// the middle of a checkout. It is a person's address, so that it is kept in memory only.
import type { BillingValues } from "./billing-schema";

const drafts = new Map<string, BillingValues>();

export const keptDraft = (orderId: string): BillingValues | undefined => drafts.get(orderId);

export function keepDraft(orderId: string, values: BillingValues): void {
  drafts.set(orderId, values);
}

export function forgetDraft(orderId: string): void {
  drafts.delete(orderId);
}
