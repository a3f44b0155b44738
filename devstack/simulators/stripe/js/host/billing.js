/* What the page promised to say itself, when it kept the form from asking for it. */

const NEVER = "never";
const ADDRESS = {
  line1: "line1",
  line2: "line2",
  city: "city",
  state: "state",
  country: "country",
  postalCode: "postal_code",
};

/** Throws, as Stripe.js does, when a field is asked for nowhere. */
function demandPromised(options, params) {
  const fields = options.fields?.billingDetails;
  const given = params?.payment_method_data?.billing_details ?? {};
  const all = ["name", "email", "phone", "address"];
  for (const field of all.filter((name) => fields === NEVER || fields?.[name] === NEVER)) {
    const promised = field === "address" ? Object.values(ADDRESS) : null;
    if (promised) promised.forEach((part) => demandPart(given.address, part));
    else demandGiven(given[field], field);
  }
  for (const [option, part] of Object.entries(ADDRESS)) {
    if (fields?.address?.[option] === NEVER) demandPart(given.address, part);
  }
}

function demandPart(address, part) {
  demandGiven(address?.[part], `address.${part}`);
}

function demandGiven(value, field) {
  demand(
    value !== undefined,
    `You specified "never" for fields.billing_details.${field} when creating the payment Element,` +
      ` but did not pass confirmParams.payment_method_data.billing_details.${field} when calling` +
      " stripe.confirmPayment(). If you opt out of collecting data via the payment Element using" +
      " the fields option, the data must be passed in when calling stripe.confirmPayment().",
  );
}
