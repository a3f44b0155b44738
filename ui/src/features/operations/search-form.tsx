import { Search } from "lucide-react";
import { useState, type SubmitEvent } from "react";
import { sentence } from "@/api/problem";
import { Button } from "@/components/button";
import { SelectField, TextField } from "@/components/field";
import { useFindPerson } from "./api/find-person";
import {
  STATE_NAMES,
  STATES,
  understand,
  usualState,
  type PurchaseSearch,
  type State,
} from "./purchase-search";
import styles from "./purchases.module.css";

const NOBODY = "Nobody has an account under this address.";

/** What is looked for. It begins anew whenever the address bar changes. */
export function SearchForm(props: {
  search: PurchaseSearch;
  onChange: (next: PurchaseSearch) => void;
}) {
  const { search, onChange } = props;
  const [typed, setTyped] = useState(search.ids.length === 1 ? search.ids[0] : "");
  const [error, setError] = useState<string>();
  const person = useFindPerson();

  function lookFor(ids: readonly string[]): void {
    onChange({ ids, state: usualState(ids) });
  }

  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (person.isPending) return;
    const meant = understand(typed ?? "");
    setError(meant ? undefined : "Enter one whole id, or one e-mail address.");
    if (meant?.kind === "nothing") lookFor([]);
    if (meant?.kind === "id") lookFor([meant.id]);
    if (meant?.kind !== "email") return;
    try {
      const { user_ids: ids } = await person.mutateAsync(meant.email);
      if (ids.length > 0) lookFor(ids);
      else setError(NOBODY);
    } catch (failure) {
      setError(sentence(failure));
    }
  }

  return (
    <search className={styles.search}>
      <form noValidate className={styles.form} onSubmit={(event) => void submit(event)}>
        <TextField
          label="Search"
          type="search"
          autoComplete="off"
          spellCheck={false}
          maxLength={254}
          required={false}
          value={typed}
          error={error}
          hint="Id of an order, ticket, person or PaymentIntent, or an e-mail address."
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="submit" busy={person.isPending} icon={<Search aria-hidden="true" />}>
          Search
        </Button>
      </form>
      <SelectField
        label="State"
        required={false}
        value={search.state}
        onChange={(event) => onChange({ ...search, state: event.target.value as State })}
      >
        {STATES.map((state) => (
          <option key={state} value={state}>
            {STATE_NAMES[state]}
          </option>
        ))}
      </SelectField>
      {search.ids.length > 0 && (
        <p className={styles.only}>
          <span>
            Only {search.ids.length === 1 ? "what belongs to" : "one person, with the accounts"}{" "}
            {search.ids.map((id, index) => (
              <span key={id}>
                {index > 0 && ", "}
                <code>{id}</code>
              </span>
            ))}
          </span>
          <Button look="quiet" onClick={() => lookFor([])}>
            Show all
          </Button>
        </p>
      )}
    </search>
  );
}
