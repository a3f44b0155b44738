/* `Stripe(…)`: what a page calls. */

const PAID = ["succeeded", "requires_capture", "processing"];

class StripePage {
  constructor(key) {
    this.key = key;
  }

  elements(options = {}) {
    return new Elements(this, options);
  }

  async retrievePaymentIntent(clientSecret) {
    demandClientSecret(clientSecret, "stripe.retrievePaymentIntent intent secret");
    return answered(await retrieveIntent(ORIGIN, this.key, clientSecret));
  }

  async confirmPayment({ elements, clientSecret, confirmParams = {}, redirect = "always" } = {}) {
    demand(elements instanceof Elements, "stripe.confirmPayment(): elements is missing.");
    demand(
      redirect === "if_required" || confirmParams.return_url,
      "stripe.confirmPayment(): the `return_url` parameter is required.",
    );
    const secret = clientSecret ?? elements.clientSecret;
    demandClientSecret(secret, "stripe.confirmPayment(): clientSecret");
    demand(
      elements.clientSecret || elements.isSubmitted,
      "elements.submit() must be called before stripe.confirmPayment().",
    );
    demandPromised(elements.payment?.options ?? {}, confirmParams);
    const form = elements.payment;
    demand(form, "stripe.confirmPayment(): the Elements have no payment Element.");
    const answer = await form.ask("confirm", { clientSecret: secret, confirmParams });
    const outcome = answer.error ? answer : await this.#goOn(answer, secret);
    if (outcome.error || redirect === "if_required") return outcome;
    return leave(confirmParams.return_url, outcome.paymentIntent);
  }

  async handleNextAction({ clientSecret } = {}) {
    const found = await this.retrievePaymentIntent(clientSecret);
    return found.error ? found : this.#goOn(found.paymentIntent, clientSecret);
  }

  /** Let the bank ask the buyer, if it wants to. */
  async #goOn(intent, clientSecret) {
    if (intent.status !== "requires_action") return outcomeOf(intent);
    const { next_action: action } = intent;
    await challenge(action.use_stripe_sdk?.stripe_js ?? action.redirect_to_url.url);
    const found = await this.retrievePaymentIntent(clientSecret);
    return found.error ? found : outcomeOf(found.paymentIntent);
  }

  registerAppInfo() {
    // Stripe counts integrations; the simulator does not.
  }

  _registerWrapper() {
    // The same, called by Stripe's own loader.
  }
}

function answered(answer) {
  return answer.error ? { error: answer.error } : { paymentIntent: answer };
}

function outcomeOf(intent) {
  if (intent.status !== "requires_payment_method") return { paymentIntent: intent };
  const error = intent.last_payment_error ?? {};
  const said =
    error.code === "payment_intent_authentication_failure"
      ? {
          message:
            "We are unable to authenticate your payment method." +
            " Please choose a different payment method and try again.",
        }
      : {};
  return { error: { ...error, ...said, payment_intent: intent } };
}

/** Go to the page's own address; what called us never hears back. */
function leave(returnUrl, intent) {
  const target = new URL(returnUrl, location.href);
  target.searchParams.set("payment_intent", intent.id);
  target.searchParams.set("payment_intent_client_secret", intent.client_secret);
  target.searchParams.set("redirect_status", PAID.includes(intent.status) ? "succeeded" : "failed");
  location.assign(target);
  return new Promise(() => {});
}

function Stripe(key) {
  demand(typeof key === "string", "Missing value for Stripe(): apiKey should be a string.");
  demand(!key.startsWith("sk_"), "You should not use your secret key with Stripe.js.");
  demand(key.startsWith("pk_test_"), "The simulator knows keys that begin with pk_test_ only.");
  return new StripePage(key);
}

Stripe.version = "simulator";
window.Stripe = Stripe;
