/* Asks the simulator, as a browser may: with a publishable key. Used by pages and by frames. */

/** Nested values in Stripe's brackets: `payment_method_data[card][number]`. */
function bracketed(values, prefix = "") {
  return Object.entries(values).flatMap(([name, value]) => {
    const key = prefix ? `${prefix}[${name}]` : name;
    if (value === undefined || value === null) return [];
    return typeof value === "object" ? bracketed(value, key) : [[key, String(value)]];
  });
}

/** The object that was asked for, or `{error}`; never throws. */
async function askStripe(origin, key, method, path, values) {
  const form = new URLSearchParams(bracketed(values));
  const address = `${origin}/v1/${path}`;
  const headers = { Authorization: `Bearer ${key}` };
  try {
    const answer =
      method === "GET"
        ? await fetch(`${address}?${form}`, { headers })
        : await fetch(address, { method, headers, body: form });
    return await answer.json();
  } catch {
    const message =
      "We are experiencing issues connecting to our payments provider." +
      " Please check your internet connection and try again.";
    return { error: { type: "api_connection_error", message } };
  }
}

/** The id in `pi_…_secret_…`. */
function intentIdOf(clientSecret) {
  return encodeURIComponent(String(clientSecret).split("_secret_")[0]);
}

/** A PaymentIntent as its own page may see it, or `{error}`. */
function retrieveIntent(origin, key, clientSecret) {
  const values = { client_secret: clientSecret };
  return askStripe(origin, key, "GET", `payment_intents/${intentIdOf(clientSecret)}`, values);
}
