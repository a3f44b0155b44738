/* Everything on a page that belongs to one payment. */

class Elements {
  constructor(stripe, options) {
    const { clientSecret, mode } = options;
    if (clientSecret === undefined) {
      demand(mode, "In order to use the payment Element, pass a clientSecret or a mode.");
    } else {
      demandClientSecret(clientSecret, "elements(): clientSecret");
    }
    this.stripe = stripe;
    this.clientSecret = clientSecret;
    this.appearance = options.appearance ?? {};
    this.payment = null;
    this.isSubmitted = false;
  }

  create(type, options = {}) {
    demand(type === "payment", `The simulator has only the payment Element, not ${type}.`);
    demand(!this.payment, "Can only create one Element of type payment.");
    this.payment = new PaymentElement(this, options);
    return this.payment;
  }

  getElement(type) {
    return type === "payment" ? this.payment : null;
  }

  /** Looks and language; a frame that is open takes up the looks at once. */
  update({ appearance } = {}) {
    if (!appearance) return;
    this.appearance = appearance;
    if (this.payment?.isReady) void this.payment.ask("appearance", appearance);
  }

  /** Shows what is wrong with the form, and whether anything is. */
  async submit() {
    demand(this.payment, "Create a payment Element before you call elements.submit().");
    const answer = await this.payment.ask("validate");
    this.isSubmitted = !answer.error;
    return answer;
  }

  /** The PaymentIntent was changed on the server: is it still to be had? */
  async fetchUpdates() {
    demand(this.clientSecret, "fetchUpdates() needs a clientSecret.");
    const { error } = await this.stripe.retrievePaymentIntent(this.clientSecret);
    return error ? { error } : {};
  }

  hello() {
    const { key } = this.stripe;
    return { key, clientSecret: this.clientSecret, appearance: this.appearance };
  }

  forget() {
    this.payment = null;
    this.isSubmitted = false;
  }
}
