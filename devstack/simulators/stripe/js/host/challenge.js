/* The bank asks the buyer: a modal dialog around the bank's page. */

const CHALLENGE_TITLE = "3D Secure authentication";
const BANK_IS_AWAY_MS = 5_000;

/** Resolves when the buyer has decided; giving up is a decision, too. */
function challenge(page) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", CHALLENGE_TITLE);
  Object.assign(dialog.style, {
    background: "#fff",
    border: "0",
    borderRadius: "8px",
    boxShadow: "0 8px 40px rgb(0 0 0 / 45%)",
    boxSizing: "border-box",
    height: "min(24rem, 90vh)",
    maxWidth: "none",
    padding: "0",
    width: "min(26rem, 95vw)",
  });
  const frame = document.createElement("iframe");
  frame.title = CHALLENGE_TITLE;
  frame.src = page;
  Object.assign(frame.style, { border: "0", height: "100%", width: "100%" });
  dialog.append(frame);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let isGivenUp = false;
    const giveUp = () => {
      // The bank's page must hear of it: until it has, the payment waits for an answer.
      isGivenUp = true;
      frame.contentWindow.postMessage("give up", ORIGIN);
      setTimeout(end, BANK_IS_AWAY_MS);
    };
    const hear = ({ source, origin, data }) => {
      if (source === frame.contentWindow && origin === ORIGIN && data === "decided") end();
    };
    const end = () => {
      removeEventListener("message", hear);
      dialog.removeEventListener("close", giveUp);
      dialog.close();
      dialog.remove();
      resolve();
    };
    addEventListener("message", hear);
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("cancel", giveUp);
    // A browser may close it without asking, and before the bank's page is there.
    dialog.addEventListener("close", giveUp);
    frame.addEventListener("load", () => isGivenUp && giveUp());
    dialog.showModal();
    frame.focus();
  });
}
