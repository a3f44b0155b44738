const LOCALE = "en-CA";

const STYLES = {
  day: { weekday: "short", day: "numeric", month: "short" },
  dayWithYear: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  long: { dateStyle: "full" },
  time: { hour: "numeric", minute: "2-digit" },
  zone: { hour: "numeric", minute: "2-digit", timeZoneName: "short" },
  moment: { dateStyle: "medium", timeStyle: "short" },
  exact: { dateStyle: "medium", timeStyle: "medium" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const formats = new Map<keyof typeof STYLES, Intl.DateTimeFormat>();

/** Each format is made when it is first used: making one costs more than using it. */
function format(style: keyof typeof STYLES, iso: string): string {
  let made = formats.get(style);
  if (!made) formats.set(style, (made = new Intl.DateTimeFormat(LOCALE, STYLES[style])));
  return made.format(new Date(iso));
}

/** "Sat, May 1"; with the year when it is not this one. */
export function formatDay(iso: string): string {
  const sameYear = new Date(iso).getFullYear() === new Date().getFullYear();
  return format(sameYear ? "day" : "dayWithYear", iso);
}

/** "Saturday, May 1, 2027" */
export const formatLongDay = (iso: string): string => format("long", iso);

/** "7:30 p.m." */
export const formatTime = (iso: string): string => format("time", iso);

/** "7:30 p.m. EDT" */
export const formatTimeWithZone = (iso: string): string => format("zone", iso);

/** "May 1, 2027, 7:30 p.m." */
export const formatMoment = (iso: string): string => format("moment", iso);

/** With seconds: what happened in which order. */
export const formatExact = (iso: string): string => format("exact", iso);

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
