const LOCALE = "en-CA";

const formats = {
  day: new Intl.DateTimeFormat(LOCALE, { weekday: "short", day: "numeric", month: "short" }),
  dayWithYear: new Intl.DateTimeFormat(LOCALE, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
  }),
  long: new Intl.DateTimeFormat(LOCALE, { dateStyle: "full" }),
  time: new Intl.DateTimeFormat(LOCALE, { hour: "numeric", minute: "2-digit" }),
  zone: new Intl.DateTimeFormat(LOCALE, {
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  }),
  moment: new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" }),
  exact: new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "medium" }),
};

/** "Sat, May 1"; with the year when it is not this one. */
export function formatDay(iso: string): string {
  const date = new Date(iso);
  const sameYear = date.getFullYear() === new Date().getFullYear();
  return (sameYear ? formats.day : formats.dayWithYear).format(date);
}

/** "Saturday, May 1, 2027" */
export const formatLongDay = (iso: string): string => formats.long.format(new Date(iso));

/** "7:30 p.m." */
export const formatTime = (iso: string): string => formats.time.format(new Date(iso));

/** "7:30 p.m. EDT" */
export const formatTimeWithZone = (iso: string): string => formats.zone.format(new Date(iso));

/** "May 1, 2027, 7:30 p.m." */
export const formatMoment = (iso: string): string => formats.moment.format(new Date(iso));

/** With seconds: what happened in which order. */
export const formatExact = (iso: string): string => formats.exact.format(new Date(iso));

/** For <input type="datetime-local">, in this machine's time zone. */
export function toLocalInput(iso: string): string {
  const date = new Date(iso);
  const pad = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** The moment that a datetime-local input means, or undefined if it means none. */
export function fromLocalInput(typed: string): string | undefined {
  const date = new Date(typed);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
