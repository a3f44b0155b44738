// Whether the server has answered lately, for the banner that says so.

let away = false;
const listeners = new Set<() => void>();

function become(value: boolean): void {
  if (away === value) return;
  away = value;
  for (const listener of listeners) listener();
}

export const reached = (): void => become(false);
export const unreached = (): void => become(true);
export const isAway = (): boolean => away;

/** Be told when that changes; returns the way out. */
export function onReachability(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
