import { useNow } from "./clock";
import { age, inLocalTime, inUtc, shortUtc } from "./utc";

/** A moment in UTC; to the pointer also on the clock of whoever looks. */
export function Utc({ iso, short = false }: { iso: string; short?: boolean }) {
  return (
    <time dateTime={iso} title={`${inLocalTime(iso)} for you`}>
      {short ? <Short iso={iso} /> : inUtc(iso)}
    </time>
  );
}

function Short({ iso }: { iso: string }) {
  return shortUtc(iso, useNow());
}

/** How long something has been so; to the pointer since when. */
export function Age({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={`${inUtc(iso)}, ${inLocalTime(iso)} for you`}>
      {age(iso, useNow())}
    </time>
  );
}
