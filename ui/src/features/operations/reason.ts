export const LEAST = 3;
export const MOST = 200;
export const MOST_MINUTES = 60;

/** What is wrong with a reason, if anything. It is kept for good, in places that name nobody. */
export function wrongReason(typed: string): string | undefined {
  const { length } = typed.trim();
  if (length < LEAST) return "Say in a few words why.";
  if (length > MOST) return `At most ${MOST} characters.`;
  if (/\S@\S/.test(typed)) return "Name nobody: leave the e-mail address out.";
  return undefined;
}

/** Whole minutes that can be added to a deadline, or undefined. */
export function readMinutes(typed: string): number | undefined {
  const minutes = /^\d{1,2}$/.test(typed.trim()) ? Number(typed) : 0;
  return minutes >= 1 && minutes <= MOST_MINUTES ? minutes : undefined;
}
