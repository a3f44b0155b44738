/* The card form. It talks to its page over one channel, and to Stripe by itself. */

const form = document.getElementById("card");
const number = new Field("number", grouped, numberError);
const expiry = new Field("expiry", dated, expiryError);
const cvc = new Field(
  "cvc",
  (text) => digitsOf(text).slice(0, brandOf(number.digits).cvc),
  (text) => cvcError(text, number.digits),
);
const fields = [number, expiry, cvc];
const OVER = ["succeeded", "canceled", "requires_capture"];
let key;
let line;
let told;

function tell(name, more = {}) {
  line.postMessage({ event: { name, ...more } });
}

function tellChange() {
  const complete = fields.every(({ error }) => !error);
  const empty = fields.every(({ text }) => !text);
  if (told?.complete === complete && told?.empty === empty) return;
  told = { complete, empty };
  tell("change", { complete, empty, collapsed: false, value: { type: "card" } });
}

function tellHeight() {
  tell("resize", { height: document.body.offsetHeight });
}

/** Why the form cannot be sent; the first wrong field gets the focus. */
function validate() {
  const wrong = fields.filter((field) => field.check());
  if (!wrong.length) return { selectedPaymentMethod: "card" };
  wrong[0].input.focus();
  const code = wrong[0].error;
  return { error: { type: "validation_error", code, message: MESSAGES[code] } };
}

async function confirm({ clientSecret, confirmParams }) {
  const answer = validate();
  if (answer.error) return answer;
  const { payment_method_data: data, ...more } = confirmParams;
  const card = {
    number: number.digits,
    exp_month: expiry.digits.slice(0, 2),
    exp_year: expiry.digits.slice(2),
    cvc: cvc.digits,
  };
  hold(true);
  const intent = await askStripe(
    location.origin,
    key,
    "POST",
    `payment_intents/${intentIdOf(clientSecret)}/confirm`,
    {
      ...more,
      client_secret: clientSecret,
      expected_payment_method_type: "card",
      key,
      payment_method_data: { ...data, type: "card", card },
      use_stripe_sdk: true,
    },
  );
  hold(false);
  return intent;
}

/** While the card is being tried nothing about it may change; the focus stays. */
function hold(isHeld) {
  for (const { input } of fields) input.readOnly = isHeld;
  form.setAttribute("aria-busy", String(isHeld));
}

const ANSWERS = {
  appearance: (appearance) => wear(appearance),
  blur: () => document.activeElement?.blur(),
  clear: () => {
    fields.forEach((field) => field.clear());
    tellChange();
  },
  confirm,
  focus: () => number.input.focus(),
  validate,
};

/** Why there is nothing to pay here, if so. */
async function failure(clientSecret) {
  if (!clientSecret) return null;
  const intent = await retrieveIntent(location.origin, key, clientSecret);
  if (intent.error || !OVER.includes(intent.status)) return intent.error;
  return {
    type: "invalid_request_error",
    code: "payment_intent_unexpected_state",
    message:
      "This PaymentIntent is in a terminal state and cannot be used to initialize Elements." +
      " Please create a new PaymentIntent.",
    payment_intent: intent,
  };
}

async function start(hello, port) {
  ({ key } = hello);
  line = port;
  line.onmessage = async ({ data: { id, question, values } }) => {
    line.postMessage({ id, answer: await ANSWERS[question](values) });
  };
  wear(hello.appearance);
  new ResizeObserver(tellHeight).observe(document.body);
  const error = await failure(hello.clientSecret);
  if (error) {
    document.getElementById("failure").textContent = "Card payments cannot be loaded right now.";
    tell("loaderror", { error });
    return;
  }
  form.hidden = false;
  tell("ready");
  tellChange();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", tellChange);
form.addEventListener("focusin", () => tell("focus"));
form.addEventListener("focusout", () => tell("blur"));
form.addEventListener("keydown", ({ key: pressed }) => pressed === "Escape" && tell("escape"));
addEventListener("message", ({ source, data, ports }) => {
  if (source === window.parent && ports.length === 1 && !line) start(data, ports[0]);
});
