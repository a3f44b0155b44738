// What any page does with Stripe.js; the address bar says for which PaymentIntent.

const asked = new URLSearchParams(location.search);
const say = (text) => (document.querySelector("[role=status]").textContent = text);

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

async function pay() {
  say("paying");
  const submitted = await elements.submit();
  window.answer = submitted.error
    ? submitted
    : await stripe.confirmPayment({
        elements,
        clientSecret: asked.get("secret"),
        confirmParams: {
          return_url: `${location.origin}/done.html`,
          payment_method_data: {
            billing_details: { name: "Ada Lovelace", address: { country: "CA", postal_code: "M5B 1T7" } },
          },
        },
        redirect: asked.get("redirect") ?? "if_required",
      });
  const { error, paymentIntent } = window.answer;
  say(error ? error.message : paymentIntent.status);
}

window.events = [];
await load(`${asked.get("stripe")}/v3/`);
const stripe = window.Stripe(asked.get("key"));
const elements = stripe.elements({
  clientSecret: asked.get("secret"),
  appearance: JSON.parse(asked.get("appearance") ?? "{}"),
  loader: "auto",
});
const element = elements.create("payment", {
  fields: { billingDetails: { name: "never", address: { country: "never", postalCode: "never" } } },
});
for (const name of ["ready", "change", "loaderror", "focus", "blur"]) {
  element.on(name, (event) => window.events.push({ name, ...event }));
}
element.on("ready", () => (document.querySelector("button").disabled = false));
element.on("loaderror", ({ error }) => say(error.message));
element.mount("#form");
document.querySelector("button").addEventListener("click", pay);
Object.assign(window, { stripe, elements, element });
