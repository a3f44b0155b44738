/* In the bank's page when it is in a frame: tells the page around it that the buyer has decided.
   It is loaded before the form is shown, so that no key is pressed in vain. */

if (window.parent !== window) {
  const giveUp = () => document.querySelector("[value=failure]")?.click();
  addEventListener("message", ({ source, data }) => {
    if (source === window.parent && data === "give up") giveUp();
  });
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") giveUp();
  });
  addEventListener("DOMContentLoaded", () => {
    if (!document.querySelector("form")) window.parent.postMessage("decided", "*");
  });
}
