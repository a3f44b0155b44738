// Operators compare what they see with logs and with each other: their times are in UTC, exact to
// the second, and the same on every machine.

const LOCAL = new Intl.DateTimeFormat("en-CA", {
  dateStyle: "medium",
  timeStyle: "long",
});

const DAY_AND_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})/;

/** "2026-11-25 14:05:10 UTC" */
export function inUtc(iso: string): string {
  const [, day, time] = partsOf(iso);
  return `${day} ${time} UTC`;
}

/** "14:05:10 UTC" on this day of UTC, with the day on any other. */
export function shortUtc(iso: string, now: number): string {
  const [, day, time] = partsOf(iso);
  const [, today] = partsOf(new Date(now).toISOString());
  return day === today ? `${time} UTC` : inUtc(iso);
}

/** The same moment on the clock of whoever looks. */
export const inLocalTime = (iso: string): string => LOCAL.format(new Date(iso));

/** "40 s", "12 min", "5 h", "3 d": how long something has been so. */
export function age(iso: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(iso)) / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

function partsOf(iso: string): readonly [string, string, string] {
  const [whole = "", day = "", time = ""] = DAY_AND_TIME.exec(new Date(iso).toISOString()) ?? [];
  return [whole, day, time];
}
