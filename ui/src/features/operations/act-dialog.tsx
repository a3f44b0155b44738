import { AlertDialog } from "@base-ui/react/alert-dialog";
import { useRef, useState, type ReactNode, type SubmitEvent } from "react";
import { Problem, sentence } from "@/api/problem";
import { Button } from "@/components/button";
import confirm from "@/components/confirm.module.css";
import { Fields, TextArea, TextField } from "@/components/field";
import { Notice } from "@/components/notice";
import styles from "./act-dialog.module.css";
import { LEAST, MOST, MOST_MINUTES, readMinutes, wrongReason } from "./reason";

const USUAL_MINUTES = "10";

export interface Said {
  reason: string;
  minutes: number;
}

interface Act {
  title: string;
  children: ReactNode;
  confirm: string;
  danger?: boolean;
  /** Also ask for how many minutes. */
  asksMinutes?: boolean;
  act: (said: Said) => Promise<unknown>;
}

/**
 * Something that an operator does, after a question that wants a reason. `act` may fail: the dialog
 * then says why and stays.
 */
export function ActDialog(
  props: Act & {
    trigger: ReactNode;
    triggerLook?: "secondary" | "danger";
    triggerLabel?: string;
    onOpen?: () => void;
  },
) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  return (
    <AlertDialog.Root
      open={open}
      onOpenChange={(next) => {
        if (busy) return;
        if (next) props.onOpen?.();
        setOpen(next);
      }}
    >
      <AlertDialog.Trigger
        className={confirm[props.triggerLook ?? "secondary"]}
        aria-label={props.triggerLabel}
      >
        {props.trigger}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={confirm["backdrop"]} />
        <AlertDialog.Popup className={confirm["popup"]}>
          <Question {...props} busy={busy} setBusy={setBusy} onDone={() => setOpen(false)} />
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

/** It begins anew each time that the dialog is opened. */
function Question(
  props: Act & { busy: boolean; setBusy: (busy: boolean) => void; onDone: () => void },
) {
  const { busy, setBusy } = props;
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState(USUAL_MINUTES);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>();
  const reasonField = useRef<HTMLTextAreaElement>(null);
  const minutesField = useRef<HTMLInputElement>(null);
  const wrong = wrongReason(reason);
  const count = props.asksMinutes ? readMinutes(minutes) : 0;

  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (busy) return;
    if (count === undefined) return minutesField.current?.focus();
    if (wrong !== undefined) return reasonField.current?.focus();
    setBusy(true);
    setError(undefined);
    try {
      await props.act({ reason: reason.trim(), minutes: count });
      props.onDone();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <AlertDialog.Title className={confirm["title"]}>{props.title}</AlertDialog.Title>
      <AlertDialog.Description className={confirm["text"]} render={<div />}>
        {props.children}
      </AlertDialog.Description>
      <form noValidate className={styles.question} onSubmit={(event) => void submit(event)}>
        <Fields>
          {props.asksMinutes && (
            <TextField
              ref={minutesField}
              label="Minutes"
              inputMode="numeric"
              autoComplete="off"
              maxLength={3}
              value={minutes}
              error={
                tried && count === undefined ? `A whole number, 1 to ${MOST_MINUTES}.` : undefined
              }
              onChange={(event) => setMinutes(event.target.value)}
            />
          )}
          <TextArea
            ref={reasonField}
            label="Reason"
            rows={3}
            maxLength={MOST}
            value={reason}
            error={tried ? wrong : undefined}
            hint={`Name nobody: it is kept for good, for other operators to read. ${LEAST} to ${MOST} characters.`}
            onChange={(event) => setReason(event.target.value)}
          />
        </Fields>
        {error !== undefined && <Notice kind="bad">{inWords(error)}</Notice>}
        <div className={confirm["actions"]}>
          <AlertDialog.Close className={confirm["secondary"]} disabled={busy}>
            Leave it
          </AlertDialog.Close>
          <Button type="submit" look={props.danger ? "danger" : "primary"} busy={busy}>
            {props.confirm}
          </Button>
        </div>
      </form>
    </>
  );
}

/** What the API finds wrong with a field is said with the rest: there are only two. */
function inWords(error: unknown): string {
  const fields = error instanceof Problem ? error.fields : [];
  return fields.length > 0 ? fields.map(({ message }) => message).join(" ") : sentence(error);
}
