import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { useConfig } from "@/api/get-config";
import { loadStripe } from "@/lib/stripe";

const PARAMETERS = ["payment_intent", "payment_intent_client_secret", "redirect_status"];

/**
 * Some banks ask their question on a page of their own; Stripe then sends the person back here with
 * the payment in the address bar. It is taken out of there, and Stripe is asked how it went:
 * "approved", or why not; undefined for whoever comes from anywhere else.
 */
export function useReturn(): string | undefined {
  const [params, setParams] = useSearchParams();
  const [secret] = useState(() => params.get("payment_intent_client_secret"));
  const [outcome, setOutcome] = useState<string>();
  const { data: config } = useConfig();

  useEffect(() => {
    if (!PARAMETERS.some((name) => params.has(name))) return;
    const rest = new URLSearchParams(params);
    for (const name of PARAMETERS) rest.delete(name);
    setParams(rest, { replace: true });
  }, [params, setParams]);

  useEffect(() => {
    if (!secret || !config) return;
    loadStripe(config.stripe.script_url, config.stripe.publishable_key)
      .then((stripe) => stripe.retrievePaymentIntent(secret))
      .then(({ paymentIntent }) => {
        if (!paymentIntent) return;
        const agreed = ["requires_capture", "succeeded", "processing"].includes(
          paymentIntent.status,
        );
        const reason = paymentIntent.last_payment_error?.message;
        setOutcome(agreed ? "approved" : (reason ?? "Please try again, or use another card."));
      })
      .catch(() => undefined); // the server hears of it all the same, and the page from the server
  }, [secret, config]);

  return outcome;
}
