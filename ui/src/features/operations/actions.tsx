import { ClockPlus, RefreshCw, ScanSearch, Stamp, Undo2, X } from "lucide-react";
import { useState, type ReactNode } from "react";
import { sentence } from "@/api/problem";
import { Button } from "@/components/button";
import { Notice } from "@/components/notice";
import { useToast } from "@/components/toast";
import { serverNow } from "@/lib/server-clock";
import { ActDialog } from "./act-dialog";
import { useAct, useCheck } from "./api/act";
import { amount, headline } from "./headline";
import styles from "./purchase.module.css";
import { Utc } from "./time";
import type { Action, Purchase, PurchaseDetail } from "./types";

interface Words {
  name: string;
  icon: ReactNode;
  title: string;
  what: (purchase: Purchase) => ReactNode;
  confirm: string;
  danger?: boolean;
}

const WORDS: Record<Action, Words> = {
  extend: {
    name: "More time",
    icon: <ClockPlus aria-hidden="true" />,
    title: "Give the buyer more time?",
    what: ({ expires_at }) => (
      <>
        It is added to the deadline, <Utc iso={expires_at} short />, but never to more than an hour
        from now.
      </>
    ),
    confirm: "Extend",
  },
  cancel: {
    name: "Cancel",
    icon: <X aria-hidden="true" />,
    title: "Cancel this purchase?",
    what: () =>
      "The payment is closed at Stripe, whatever the bank holds is let go, and the ticket goes back to the market. The buyer reads that we had to cancel.",
    confirm: "Cancel the purchase",
    danger: true,
  },
  retry_capture: {
    name: "Ask Stripe now",
    icon: <RefreshCw aria-hidden="true" />,
    title: "Ask Stripe again now?",
    what: () => "Instead of waiting for the next try. Money is never taken twice.",
    confirm: "Ask now",
  },
  refund: {
    name: "Refund",
    icon: <Undo2 aria-hidden="true" />,
    title: "Refund this purchase?",
    what: (purchase) =>
      `${amount(purchase)} go back to the card that was charged, and the ticket goes back to the market. This cannot be undone.`,
    confirm: "Refund it",
    danger: true,
  },
  settle_refund: {
    name: "Settle the refund",
    icon: <Stamp aria-hidden="true" />,
    title: "Has the money gone back by other means?",
    what: (purchase) =>
      `Say how ${amount(purchase)} went back. Nothing is sent to Stripe: the purchase counts as refunded, and the ticket goes back to the market.`,
    confirm: "It has: settle it",
    danger: true,
  },
};

/** What can be done to a purchase now, each after a question; and a check, which changes only what
 * is safe to put right. */
export function Actions({ detail }: { detail: PurchaseDetail }) {
  const { purchase, actions } = detail;
  const check = useCheck(purchase.order_id);
  const toast = useToast();
  const [error, setError] = useState<unknown>();

  async function run(): Promise<void> {
    setError(undefined);
    try {
      const { findings } = await check.mutateAsync(undefined);
      toast(findings.length === 0 ? "Checked: all adds up." : "Checked: see what was found.");
    } catch (failure) {
      setError(failure);
    }
  }

  return (
    <section className={styles.section} aria-label="Actions">
      <div className={styles.actions}>
        {actions.map((action) => (
          <ActButton key={action} action={action} purchase={purchase} />
        ))}
        <Button
          look="secondary"
          icon={<ScanSearch aria-hidden="true" />}
          busy={check.isPending}
          onClick={() => void run()}
        >
          Check now
        </Button>
        {actions.length === 0 && (
          <p className={styles.muted}>Nothing else can be done to this purchase now.</p>
        )}
      </div>
      {error !== undefined && <Notice kind="bad">{sentence(error)}</Notice>}
    </section>
  );
}

function ActButton({ action, purchase }: { action: Action; purchase: Purchase }) {
  const words = WORDS[action];
  const act = useAct(purchase.order_id, action);
  const toast = useToast();
  /** As it was when the question was asked: what is added twice to this is added once. */
  const [seen, setSeen] = useState(purchase.expires_at);
  return (
    <ActDialog
      trigger={
        <>
          {words.icon}
          <span>{words.name}</span>
        </>
      }
      title={words.title}
      confirm={words.confirm}
      danger={words.danger ?? false}
      asksMinutes={action === "extend"}
      onOpen={() => setSeen(purchase.expires_at)}
      act={async ({ reason, minutes }) => {
        const changed = await act.mutateAsync({ reason, seconds: minutes * 60, expires_at: seen });
        toast(headline(changed.purchase, serverNow()));
      }}
    >
      <p>{words.what(purchase)}</p>
    </ActDialog>
  );
}
