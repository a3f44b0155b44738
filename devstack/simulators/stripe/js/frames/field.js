/* One field of the form: writes its value tidily and says what is wrong with it. */

class Field {
  /** `tidy(text, isDeleting)` is how the text is shown; `errorOf(text)` a code or null. */
  constructor(id, tidy, errorOf) {
    this.input = document.getElementById(id);
    this.message = document.getElementById(`${id}-error`);
    this.tidy = tidy;
    this.errorOf = errorOf;
    this.input.addEventListener("input", (event) => this.#rewrite(event));
    // Not when the focus leaves the form: a message that appears while the page's button is being
    // pressed moves the button away from under the pointer.
    this.input.addEventListener("blur", ({ relatedTarget }) => {
      if (this.text && relatedTarget) this.check();
    });
  }

  get text() {
    return this.input.value;
  }

  get digits() {
    return digitsOf(this.text);
  }

  get error() {
    return this.errorOf(this.text);
  }

  /** Show what is wrong now, if anything; the code of it. */
  check() {
    const code = this.error;
    this.show(code ? MESSAGES[code] : "");
    return code;
  }

  show(message) {
    this.message.textContent = message;
    this.input.classList.toggle("Input--invalid", Boolean(message));
    this.input.setAttribute("aria-invalid", String(Boolean(message)));
  }

  clear() {
    this.input.value = "";
    this.show("");
  }

  /** The caret stays behind the digit that it was behind. */
  #rewrite({ inputType = "" }) {
    const isAtEnd = this.input.selectionEnd === this.text.length;
    const before = digitsOf(this.text.slice(0, this.input.selectionEnd)).length;
    this.input.value = this.tidy(this.text, inputType.startsWith("delete"));
    if (!isAtEnd) {
      let caret = 0;
      for (let seen = 0; seen < before && caret < this.text.length; caret += 1) {
        if (/\d/.test(this.text[caret])) seen += 1;
      }
      this.input.setSelectionRange(caret, caret);
    }
    if (this.message.textContent && !this.error) this.show("");
  }
}
