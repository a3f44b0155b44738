/* The payment element: a card form that lives in a frame, so that the page never sees the card. */

const EVENTS = ["ready", "change", "focus", "blur", "escape", "loaderror", "loaderstart"];
const FORM_TITLE = "Secure payment input frame";

class PaymentElement {
  constructor(elements, options) {
    this.elements = elements;
    this.options = options;
    this.listeners = new Map(EVENTS.map((name) => [name, new Set()]));
    this.frame = null;
    this.isReady = false;
  }

  mount(target) {
    const parent = typeof target === "string" ? document.querySelector(target) : target;
    demand(
      parent instanceof HTMLElement,
      "Invalid DOM element. Call mount() with a valid DOM element or selector.",
    );
    demand(!this.isDestroyed, "This Element has already been destroyed. Please create a new one.");
    if (this.frame) this.unmount();
    parent.replaceChildren();
    parent.classList.add("StripeElement");
    this.parent = parent;
    this.frame = new Frame("/v3/frames/card.html", FORM_TITLE, (event) => this.#hear(event));
    this.frame.element.style.height = "13rem";
    this.frame.open(parent, this.elements.hello());
    this.#tell("loaderstart", {});
    return this;
  }

  unmount() {
    this.frame?.close();
    this.parent?.classList.remove("StripeElement");
    this.frame = null;
    this.isReady = false;
    return this;
  }

  destroy() {
    this.unmount();
    this.isDestroyed = true;
    this.elements.forget(this);
    return this;
  }

  update(options) {
    this.options = { ...this.options, ...options };
    return this;
  }

  on(name, listener) {
    demand(this.listeners.has(name), `Invalid event name: ${name}.`);
    this.listeners.get(name).add(listener);
    return this;
  }

  once(name, listener) {
    const only = (event) => {
      this.off(name, only);
      listener(event);
    };
    return this.on(name, only);
  }

  off(name, listener) {
    if (listener) this.listeners.get(name)?.delete(listener);
    else this.listeners.get(name)?.clear();
    return this;
  }

  focus() {
    this.#order("focus");
  }

  blur() {
    this.#order("blur");
  }

  clear() {
    this.#order("clear");
  }

  collapse() {
    // There is one way to pay, so nothing is ever unfolded.
  }

  /** Ask the form; only once it is there. */
  ask(question, values) {
    demand(
      this.frame && this.isReady,
      "The payment Element is not ready: it must be mounted and have emitted `ready`.",
    );
    return this.frame.ask(question, values);
  }

  #order(question) {
    if (this.isReady) void this.frame.ask(question);
  }

  #hear({ name, height, ...more }) {
    if (name === "resize") {
      this.frame.element.style.height = `${height}px`;
      return;
    }
    if (name === "ready") this.isReady = true;
    this.#tell(name, more);
  }

  #tell(name, more) {
    for (const listener of [...this.listeners.get(name)]) {
      listener({ elementType: "payment", ...more });
    }
  }
}
