import type { Stripe, StripeConstructor } from "@stripe/stripe-js";

declare global {
  interface Window {
    Stripe?: StripeConstructor;
  }
}

const loading = new Map<string, Promise<Stripe>>();

/**
 * Stripe.js, from wherever the server says. It is never part of our own code, and only a page where
 * somebody pays asks for it. What has failed is tried anew the next time.
 */
export function loadStripe(scriptUrl: string, publishableKey: string): Promise<Stripe> {
  const begun = loading.get(scriptUrl);
  if (begun) return begun;
  const promise = addScript(scriptUrl).then(() => {
    if (!window.Stripe)
      throw new Error("The script of the payment service does not define Stripe.");
    return window.Stripe(publishableKey);
  });
  loading.set(scriptUrl, promise);
  promise.catch(() => loading.delete(scriptUrl));
  return promise;
}

function addScript(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve();
    script.onerror = () => {
      script.remove();
      reject(new Error("The script of the payment service could not be loaded."));
    };
    document.head.append(script);
  });
}
