/** An amount in minor units, as the API speaks of money. */
export interface Money {
  readonly amount: number;
  readonly currency?: string;
}

const OURS = "CAD";

const DECIMALS = 2;

/** "$160.00"; the currency's code is shown beside it where it matters. */
export function formatMoney({ amount, currency = OURS }: Money): string {
  return formatOf(currency).format(amount / 10 ** DECIMALS);
}

const formats = new Map<string, Intl.NumberFormat>();

/** Making one costs more than using it a hundred times. */
function formatOf(currency: string): Intl.NumberFormat {
  const made = formats.get(currency);
  if (made) return made;
  const format = new Intl.NumberFormat("en-CA", {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  });
  formats.set(currency, format);
  return format;
}

/**
 * Minor units of what a person typed: "30", "$30", "1,234.50", "30,50 $", "1 234,50". Undefined if
 * it is not an amount, or has fractions of a cent. No floating point on the way.
 */
export function parseMoney(typed: string): number | undefined {
  const bare = typed.replace(/CAD|\$|[\s\u00a0\u202f']/gi, "");
  const match = /^(\d{1,3}(?:([.,])\d{3})*|\d+)(?:([.,])(\d{1,2}))?$/.exec(bare);
  if (!match) return undefined;
  const [, whole = "", grouping, point, cents = ""] = match;
  if (grouping && (grouping === point || (grouping === "." && !point))) return undefined;
  const minor = Number(whole.replace(/[.,]/g, "")) * 100 + Number(cents.padEnd(DECIMALS, "0"));
  return Number.isSafeInteger(minor) ? minor : undefined;
}

/** Minor units as a person would type them: "30.00". */
export function typedMoney(minor: number): string {
  const digits = String(minor).padStart(DECIMALS + 1, "0");
  return `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}
