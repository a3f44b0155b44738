// Sentences said in passing, from wherever; shown by whoever takes them.

const waiting: string[] = [];
let spoken = false;
let taker: ((title: string) => void) | undefined;
const listeners = new Set<() => void>();

export function say(title: string): void {
  if (taker) taker(title);
  else waiting.push(title);
  if (spoken) return;
  spoken = true;
  for (const listener of listeners) listener();
}

export const hasSpoken = (): boolean => spoken;

/** Be told when the first one is said; returns the way out. */
export function onFirstWord(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Take all that has been said so far, and what will be; returns the way out. */
export function take(show: (title: string) => void): () => void {
  taker = show;
  for (const title of waiting.splice(0)) show(title);
  return () => {
    taker = undefined;
  };
}
