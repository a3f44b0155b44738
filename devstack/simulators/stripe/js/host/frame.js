/* A frame of the simulator's origin inside somebody else's page, and the private line to it. */

class Frame {
  /** `onEvent(event)` hears what the frame tells by itself. */
  constructor(path, title, onEvent) {
    this.onEvent = onEvent;
    this.waiting = new Map();
    this.asked = 0;
    this.element = document.createElement("iframe");
    this.element.src = `${ORIGIN}${path}`;
    this.element.title = title;
    this.element.allow = "payment *";
    // A frame whose colour scheme is not its page's gets a white ground; ours is see-through.
    const colorScheme = "light only";
    Object.assign(this.element.style, { border: "0", colorScheme, display: "block", width: "100%" });
  }

  /** Put it into the page; the frame gets `hello` and one end of a channel that only it can read. */
  open(parent, hello) {
    this.element.addEventListener("load", () => this.#connect(hello), { once: true });
    parent.append(this.element);
  }

  /** The frame's answer to a question. */
  ask(question, values = {}) {
    this.asked += 1;
    const id = this.asked;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.line.postMessage({ id, question, values });
    });
  }

  close() {
    this.line?.close();
    this.element.remove();
  }

  #connect(hello) {
    const channel = new MessageChannel();
    this.line = channel.port1;
    this.line.onmessage = ({ data }) => this.#hear(data);
    this.element.contentWindow.postMessage(hello, ORIGIN, [channel.port2]);
  }

  #hear({ id, answer, event }) {
    if (event) {
      this.onEvent(event);
      return;
    }
    this.waiting.get(id)?.(answer);
    this.waiting.delete(id);
  }
}
