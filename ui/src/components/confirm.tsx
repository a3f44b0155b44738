import { AlertDialog } from "@base-ui/react/alert-dialog";
import { useState, type ReactNode } from "react";
import { sentence } from "@/api/problem";
import { Button } from "./button";
import styles from "./confirm.module.css";
import { Notice } from "./notice";

/**
 * A question before something that cannot be taken back. `act` may fail: the dialog then says why
 * and stays, so that the person can try again or leave it.
 */
export function Confirm(props: {
  trigger: ReactNode;
  triggerLook?: "icon" | "secondary" | "danger" | "quiet";
  triggerLabel?: string;
  title: string;
  children: ReactNode;
  confirm: string;
  dismiss?: string;
  act: () => Promise<unknown>;
  disabled?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  async function act(): Promise<void> {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await props.act();
      setOpen(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <AlertDialog.Root
      open={open}
      onOpenChange={(next) => {
        if (!busy) setOpen(next);
        setError(undefined);
      }}
    >
      <AlertDialog.Trigger
        className={styles[props.triggerLook ?? "secondary"]}
        aria-label={props.triggerLabel}
        title={props.triggerLook === "icon" ? props.triggerLabel : undefined}
        disabled={props.disabled}
      >
        {props.trigger}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles.backdrop} />
        <AlertDialog.Popup className={styles.popup}>
          <AlertDialog.Title className={styles.title}>{props.title}</AlertDialog.Title>
          <AlertDialog.Description className={styles.text} render={<div />}>
            {props.children}
          </AlertDialog.Description>
          {error !== undefined && <Notice kind="bad">{sentence(error)}</Notice>}
          <div className={styles.actions}>
            <AlertDialog.Close className={styles.secondary} disabled={busy}>
              {props.dismiss ?? "Keep it"}
            </AlertDialog.Close>
            <Button look="danger" busy={busy} onClick={() => void act()}>
              {props.confirm}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
