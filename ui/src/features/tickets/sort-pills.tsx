import { ArrowDown, ArrowDownNarrowWide, ArrowUp } from "lucide-react";
import styles from "./sort-pills.module.css";
import type { MarketSearch, Sort } from "./search-params";

interface Pill {
  name: string;
  /** In which order a first press sorts, and a second one. */
  first: Sort;
  second: Sort;
  words: Record<string, string>;
}

const PILLS: readonly Pill[] = [
  {
    name: "Newest",
    first: "-created_at",
    second: "created_at",
    words: { "-created_at": "newest first", created_at: "oldest first" },
  },
  {
    name: "Price",
    first: "price",
    second: "-price",
    words: { price: "lowest first", "-price": "highest first" },
  },
  {
    name: "Title",
    first: "title",
    second: "-title",
    words: { title: "A to Z", "-title": "Z to A" },
  },
];

/** How the results are sorted; pressing the active one turns the order around. */
export function SortPills(props: { search: MarketSearch; onChange: (next: MarketSearch) => void }) {
  return (
    <div className={styles.sort} role="group" aria-labelledby="sort-label">
      <h2 id="sort-label" className={styles.label}>
        <ArrowDownNarrowWide aria-hidden="true" />
        <span>Sort</span>
      </h2>
      {PILLS.map((pill) => {
        const order = pill.words[props.search.sort];
        const next = props.search.sort === pill.first ? pill.second : pill.first;
        return (
          <button
            key={pill.name}
            type="button"
            className={styles.pill}
            aria-pressed={order !== undefined}
            aria-label={order && `${pill.name}, ${order}`}
            onClick={() => props.onChange({ ...props.search, sort: next })}
          >
            {pill.name}
            {order &&
              (props.search.sort.startsWith("-") ? (
                <ArrowDown aria-hidden="true" />
              ) : (
                <ArrowUp aria-hidden="true" />
              ))}
          </button>
        );
      })}
    </div>
  );
}
