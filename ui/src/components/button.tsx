import { Button as Headless } from "@base-ui/react/button";
import type { ReactNode } from "react";
import { Link, type LinkProps } from "react-router";
import styles from "./button.module.css";

type Look = "primary" | "secondary" | "quiet" | "danger";

interface Shared {
  look?: Look;
  wide?: boolean;
  icon?: ReactNode;
  children: ReactNode;
}

interface ButtonProps extends Shared {
  type?: "button" | "submit";
  /** Working on it: cannot be pressed again, keeps its place in the order of focus. */
  busy?: boolean;
  disabled?: boolean;
  onClick?: () => void;
  "aria-label"?: string;
}

function look({ look = "primary", wide = false }: Partial<Shared>): string {
  return [styles.button, styles[look], wide ? styles.wide : ""].join(" ");
}

/** A button that cannot be pressed twice while its work is under way. */
export function Button(props: ButtonProps) {
  const { type = "button", busy = false, disabled = false, icon, children } = props;
  return (
    <Headless
      type={type}
      className={look(props)}
      disabled={busy || disabled}
      focusableWhenDisabled
      aria-busy={busy || undefined}
      aria-label={props["aria-label"]}
      onClick={props.onClick}
    >
      {busy ? <span className={styles.dots} aria-hidden="true" /> : icon}
      <span>{children}</span>
    </Headless>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ icon, children, look: style, wide, ...rest }: Shared & LinkProps) {
  return (
    <Link {...rest} className={look({ look: style ?? "primary", wide: wide ?? false })}>
      {icon}
      <span>{children}</span>
    </Link>
  );
}

/** A button that is only a picture; its name is said, and shown to the pointer. */
export function IconButton(props: {
  label: string;
  icon: ReactNode;
  onClick?: () => void;
  disabled?: boolean;
}) {
  return (
    <Headless
      className={styles.icon}
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
      disabled={props.disabled ?? false}
      focusableWhenDisabled
    >
      {props.icon}
    </Headless>
  );
}
