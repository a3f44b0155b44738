import { ListFilter, X } from "lucide-react";
import { useState, type SubmitEvent } from "react";
import { Button } from "@/components/button";
import { Fields, TextField } from "@/components/field";
import { formatMoney, parseMoney, typedMoney } from "@/lib/money";
import styles from "./filters.module.css";
import { addKeywords, isFiltered, type MarketSearch } from "./search-params";

const CURRENCY = "CAD";

/**
 * What is looked for. It begins anew whenever the address bar changes, so that the fields always
 * say what counts.
 */
export function Filters(props: {
  search: MarketSearch;
  signedIn: boolean;
  onChange: (next: MarketSearch) => void;
}) {
  const { search, onChange } = props;
  const [keywords, setKeywords] = useState("");
  const [min, setMin] = useState(shown(search.min));
  const [max, setMax] = useState(shown(search.max));
  const [errors, setErrors] = useState<{ min?: string; max?: string }>({});

  function apply(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const wrong = check(min, max);
    setErrors(wrong);
    if (wrong.min ?? wrong.max) return;
    onChange({ ...addKeywords(search, keywords), min: parseMoney(min), max: parseMoney(max) });
  }

  function reset(): void {
    onChange({ ...search, keywords: [], min: undefined, max: undefined, mine: false });
  }

  const count =
    search.keywords.length + Number(search.min !== undefined) + Number(search.max !== undefined);
  return (
    <search className={styles.panel}>
      <details
        className={styles.details}
        open={isFiltered(search) || matchMedia("(min-width: 60rem)").matches}
      >
        <summary className={styles.summary}>
          <ListFilter aria-hidden="true" />
          <h2>Filter</h2>
          {count > 0 && <span className={styles.count}>{count} active</span>}
        </summary>
        <form onSubmit={apply} noValidate className={styles.form}>
          <Fields>
            <div className={styles.keywords}>
              <TextField
                label="Keywords"
                placeholder="e.g. Concert"
                maxLength={100}
                required={false}
                value={keywords}
                onChange={(event) => setKeywords(event.target.value)}
              />
              <Chips search={search} onChange={onChange} />
            </div>
            <fieldset className={styles.prices}>
              <legend>Price ({CURRENCY})</legend>
              <TextField
                label="Min"
                inputMode="decimal"
                prefix="$"
                required={false}
                value={min}
                error={errors.min}
                onChange={(event) => setMin(event.target.value)}
              />
              <TextField
                label="Max"
                inputMode="decimal"
                prefix="$"
                required={false}
                value={max}
                error={errors.max}
                onChange={(event) => setMax(event.target.value)}
              />
            </fieldset>
            {props.signedIn && (
              <label className={styles.mine}>
                <input
                  type="checkbox"
                  checked={search.mine}
                  onChange={(event) => onChange({ ...search, mine: event.target.checked })}
                />
                Only my listings
              </label>
            )}
            <div className={styles.buttons}>
              <Button type="submit">Apply</Button>
              <Button look="secondary" onClick={reset}>
                Reset
              </Button>
            </div>
          </Fields>
        </form>
      </details>
    </search>
  );
}

/** Each filter that counts, to be taken away by itself. */
function Chips({
  search,
  onChange,
}: {
  search: MarketSearch;
  onChange: (next: MarketSearch) => void;
}) {
  const chips: { label: string; without: MarketSearch }[] = search.keywords.map((word) => ({
    label: word,
    without: { ...search, keywords: search.keywords.filter((other) => other !== word) },
  }));
  if (search.min !== undefined) {
    const label = `from ${formatMoney({ amount: search.min, currency: CURRENCY })}`;
    chips.push({ label, without: { ...search, min: undefined } });
  }
  if (search.max !== undefined) {
    const label = `up to ${formatMoney({ amount: search.max, currency: CURRENCY })}`;
    chips.push({ label, without: { ...search, max: undefined } });
  }
  if (chips.length === 0) return null;
  return (
    <ul className={styles.chips} aria-label="Active filters">
      {chips.map(({ label, without }) => (
        <li key={label}>
          <button type="button" className={styles.chip} onClick={() => onChange(without)}>
            <span className="visually-hidden">Remove filter: </span>
            {label}
            <X aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function shown(minor: number | undefined): string {
  return minor === undefined ? "" : typedMoney(minor).replace(/\.00$/, "");
}

function check(min: string, max: string): { min?: string; max?: string } {
  const least = parseMoney(min);
  const most = parseMoney(max);
  return {
    ...(min.trim() && least === undefined ? { min: "Enter an amount, such as 20." } : {}),
    ...(max.trim() && most === undefined ? { max: "Enter an amount, such as 80." } : {}),
    ...(least !== undefined && most !== undefined && most < least
      ? { max: "Must not be less than the minimum." }
      : {}),
  };
}
