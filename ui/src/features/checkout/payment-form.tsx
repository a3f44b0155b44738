import type { Stripe, StripeElements } from "@stripe/stripe-js";
import { Lock } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useConfig } from "@/api/get-config";
import { useMe } from "@/api/get-me";
import type { Order } from "@/api/types";
import { Button } from "@/components/button";
import { Notice } from "@/components/notice";
import { formatMoney } from "@/lib/money";
import { loadStripe } from "@/lib/stripe";
import { APPEARANCE } from "./appearance";
import styles from "./checkout.module.css";

type Billed = Order & {
  billing: NonNullable<Order["billing"]>;
  total: NonNullable<Order["total"]>;
};

interface Mounted {
  stripe: Stripe;
  elements: StripeElements;
}

/**
 * Stripe's own form, in a frame of Stripe's: card data never touches this page. It stays as it is
 * after a declined card, so that nothing is typed twice.
 */
export function PaymentForm(props: {
  order: Billed;
  clientSecret: string;
  disabled: boolean;
  onBusy: (busy: boolean) => void;
  onApproved: () => void;
}) {
  const { order } = props;
  const { box, mounted, ready, failed, retry } = usePaymentElement(props.clientSecret);
  const user = useMe();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();

  async function pay(): Promise<void> {
    if (busy || !mounted || props.disabled) return;
    setBusy(true);
    props.onBusy(true);
    setRefusal(undefined);
    const refused = await confirm(mounted, order, user?.email ?? null);
    if (refused === undefined) {
      props.onApproved();
      return;
    }
    setRefusal(refused);
    setBusy(false);
    props.onBusy(false);
  }

  if (failed) {
    return (
      <Notice kind="bad" title="The payment form could not be loaded.">
        <p>
          A blocker or the network may keep our payment service, Stripe, from this page. Nothing has
          been charged, and the ticket is still held for you.
        </p>
        <Button look="secondary" onClick={retry}>
          Try again
        </Button>
      </Notice>
    );
  }
  // Of a bank's refusal the server tells more than Stripe's script, also after a reload.
  const declined = order.payment.last_error?.message;
  const byBank = refusal === undefined || refusal.byBank;
  const shown = busy ? undefined : byBank ? (declined ?? refusal?.message) : refusal.message;
  return (
    <form
      className={styles.payment}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void pay();
      }}
    >
      <div className={styles.element} ref={box} />
      {!ready && <p role="status">Loading the payment form…</p>}
      {shown && (
        <Notice kind="bad" title="The payment did not go through.">
          <p>{shown}</p>
        </Notice>
      )}
      <Button
        type="submit"
        wide
        busy={busy}
        disabled={!ready || props.disabled}
        icon={<Lock aria-hidden="true" />}
      >
        {busy ? "Paying…" : `Pay ${formatMoney(order.total)} ${order.total.currency}`}
      </Button>
    </form>
  );
}

interface Refusal {
  /** The bank said no, in contrast to a slip in the form or a network that is away. */
  byBank: boolean;
  message: string;
}

/** Ask the bank; undefined if it agrees, else what to tell the person. */
async function confirm(
  { stripe, elements }: Mounted,
  { id, billing }: Billed,
  email: string | null,
): Promise<Refusal | undefined> {
  const checked = await elements.submit();
  if (checked.error) {
    return { byBank: false, message: checked.error.message ?? "Please check the card details." };
  }
  const { region, ...address } = billing.address;
  try {
    const { error } = await stripe.confirmPayment({
      elements,
      redirect: "if_required",
      confirmParams: {
        return_url: `${location.origin}/orders/${id}`,
        payment_method_data: {
          billing_details: {
            name: billing.name,
            ...(email ? { email } : {}),
            address: { ...address, line2: address.line2 ?? "", state: region },
          },
        },
      },
    });
    return (
      error && {
        byBank: error.type === "card_error",
        message: error.message ?? "Please try again, or use another card.",
      }
    );
  } catch {
    return { byBank: false, message: "The payment service did not answer. Please try again." };
  }
}

function usePaymentElement(clientSecret: string) {
  const { data: config, error: noConfig } = useConfig();
  const box = useRef<HTMLDivElement>(null);
  const [mounted, setMounted] = useState<Mounted>();
  const [ready, setReady] = useState(false);
  const [failed, setFailed] = useState(false);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (!config) return;
    let unmount: (() => void) | undefined;
    let left = false;
    loadStripe(config.stripe.script_url, config.stripe.publishable_key)
      .then((stripe) => {
        if (left || !box.current) return;
        const elements = stripe.elements({ clientSecret, appearance: APPEARANCE, locale: "en" });
        const element = elements.create("payment", {
          fields: { billingDetails: { name: "never", email: "never", address: "never" } },
          wallets: { applePay: "never", googlePay: "never" },
        });
        unmount = () => element.destroy();
        element.on("ready", () => setReady(true));
        element.on("loaderror", () => setFailed(true));
        element.mount(box.current);
        setMounted({ stripe, elements });
      })
      .catch(() => setFailed(true));
    return () => {
      left = true;
      unmount?.();
      setMounted(undefined);
      setReady(false);
    };
  }, [config, clientSecret, attempt]);

  function retry(): void {
    setFailed(false);
    setAttempt(attempt + 1);
  }

  return { box, mounted, ready, failed: failed || noConfig !== null, retry };
}
