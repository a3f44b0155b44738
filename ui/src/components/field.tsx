import { useId, type ComponentPropsWithRef, type ReactNode } from "react";
import styles from "./field.module.css";

interface Labelled {
  label: string;
  /** What is wrong with the value: said when the field gets focus, shown below it. */
  error?: string | undefined;
  hint?: ReactNode;
  /** Beside the label, such as a link. */
  aside?: ReactNode;
  /** May be left empty, and says so. */
  optional?: boolean;
}

interface Wiring {
  id: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
}

function Field(props: Labelled & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const described = [props.error && `${id}-error`, props.hint && `${id}-hint`].filter(Boolean);
  return (
    <div className={styles.field}>
      <div className={styles.top}>
        <label htmlFor={id}>
          {props.label}
          {props.optional && <span className={styles.optional}> (optional)</span>}
        </label>
        {props.aside}
      </div>
      {props.children({
        id,
        "aria-invalid": props.error ? true : undefined,
        "aria-describedby": described.join(" ") || undefined,
      })}
      {props.error && (
        <p id={`${id}-error`} className={styles.error}>
          {props.error}
        </p>
      )}
      {props.hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {props.hint}
        </p>
      )}
    </div>
  );
}

/** A line of text. `required` marks it for assistive technology; checking is the form's. */
export function TextField({
  label,
  error,
  hint,
  aside,
  optional = false,
  required = !optional,
  prefix,
  ...input
}: Labelled & Omit<ComponentPropsWithRef<"input">, "prefix"> & { prefix?: string }) {
  return (
    <Field label={label} error={error} hint={hint} aside={aside} optional={optional}>
      {(wiring) => (
        <div className={styles.box}>
          {prefix && (
            <span className={styles.prefix} aria-hidden="true">
              {prefix}
            </span>
          )}
          <input
            {...input}
            {...wiring}
            className={styles.control}
            aria-required={required || undefined}
          />
        </div>
      )}
    </Field>
  );
}

/** Several lines of text. */
export function TextArea({
  label,
  error,
  hint,
  aside,
  optional = false,
  required = !optional,
  ...area
}: Labelled & ComponentPropsWithRef<"textarea">) {
  return (
    <Field label={label} error={error} hint={hint} aside={aside} optional={optional}>
      {(wiring) => (
        <textarea
          {...area}
          {...wiring}
          className={styles.control}
          aria-required={required || undefined}
        />
      )}
    </Field>
  );
}

/** One of several, in the way that the machine's own lists work. */
export function SelectField({
  label,
  error,
  hint,
  aside,
  optional = false,
  required = !optional,
  children,
  ...select
}: Labelled & ComponentPropsWithRef<"select">) {
  return (
    <Field label={label} error={error} hint={hint} aside={aside} optional={optional}>
      {(wiring) => (
        <select
          {...select}
          {...wiring}
          className={`${styles.control} ${styles.select}`}
          aria-required={required || undefined}
        >
          {children}
        </select>
      )}
    </Field>
  );
}

/** Yes or no. */
export function CheckField({
  label,
  error,
  ...input
}: { label: ReactNode; error?: string | undefined } & ComponentPropsWithRef<"input">) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={styles.check}>
        <input
          {...input}
          type="checkbox"
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
        />
        <span>{label}</span>
      </label>
      {error && (
        <p id={`${id}-error`} className={styles.error}>
          {error}
        </p>
      )}
    </div>
  );
}

/** Fields below each other, with their buttons. */
export function Fields({ children }: { children: ReactNode }) {
  return <div className={styles.fields}>{children}</div>;
}

/** Fields beside each other where there is room. */
export function Row({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}
