// The server's deadlines are shown by the server's clock: this machine's may be off, and may sleep.

let skew = 0;
const listeners = new Set<() => void>();

/** The header is in whole seconds, and servers write it anew about once a second. */
const VAGUE_MS = 2_000;

/**
 * Learn from the Date header of an answer, which was written somewhere between asking and hearing.
 * That leaves a span in which the difference must lie; what was believed stays while it fits.
 */
export function learnFrom(header: string | null, askedAt: number, heardAt: number): void {
  const written = header ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(written)) return;
  const least = written - heardAt;
  const most = written + VAGUE_MS - askedAt;
  if (skew >= least && skew <= most) return;
  skew = (least + most) / 2;
  for (const listener of listeners) listener();
}

/** Milliseconds since 1970 on the server. */
export function serverNow(): number {
  return Date.now() + skew;
}

/** Be told when the difference between the clocks turns out to be another; returns the way out. */
export function onClockChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
