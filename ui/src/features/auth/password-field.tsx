import { Eye, EyeOff } from "lucide-react";
import { useState, type ComponentProps, type ReactNode } from "react";
import { TextField } from "@/components/field";
import styles from "./auth.module.css";

type Props = Omit<ComponentProps<typeof TextField>, "type" | "aside"> & { aside?: ReactNode };

/** A password, which its owner may look at instead of typing it twice. */
export function PasswordField({ aside, ...props }: Props) {
  const [shown, setShown] = useState(false);
  return (
    <TextField
      {...props}
      type={shown ? "text" : "password"}
      spellCheck={false}
      autoCapitalize="none"
      maxLength={128}
      aside={
        <span className={styles.asides}>
          {aside}
          <button
            type="button"
            className={styles.reveal}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff aria-hidden="true" /> : <Eye aria-hidden="true" />}
            {shown ? "Hide" : "Show"}
            <span className="visually-hidden"> {props.label.toLowerCase()}</span>
          </button>
        </span>
      }
    />
  );
}
