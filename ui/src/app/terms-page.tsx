import { Page } from "@/components/page";
import styles from "./terms-page.module.css";

const UPDATED = "November 24, 2026";

const TERMS: readonly (readonly [string, readonly string[]])[] = [
  [
    "What Ticket Exchange does",
    [
      "Ticket Exchange is a place where people sell tickets to each other. The sale is between the seller and the buyer; we hold the ticket while it is being paid, take the payment and pass on what both need to know.",
    ],
  ],
  [
    "Selling",
    [
      "List only tickets that you own and may pass on, and describe them as they are: event, date, place and seat. A listing can be changed or removed until somebody reserves it.",
      "You cannot buy your own listing. Once a ticket is sold, hand it over to the buyer in time for the event.",
    ],
  ],
  [
    "Buying and paying",
    [
      "When you buy, the ticket is held for you for a limited time that the page shows. Prices are in Canadian dollars; the taxes of your province or territory are added and shown before you pay. What is shown is what is charged.",
      "Your card is charged only once the ticket is yours. If you do not pay in time, cancel, or the payment fails, the ticket goes back to the market and whatever your bank holds is released.",
      "Card details go to our payment service, Stripe, and never to us.",
    ],
  ],
  [
    "Refunds",
    [
      "A complete order can be refunded once, in full, from its page. The money goes back to the card that was charged, and the ticket goes back to the market. Your bank may take some days to show it.",
    ],
  ],
  [
    "Your account and your data",
    [
      "Keep your password to yourself and tell us nothing that is not true. We keep what we need to run the market: your address, your listings and your orders. You can download all of it, and close your account, on your account page; past orders are then kept without your name.",
      "We send mail about your orders and your account, and nothing else.",
    ],
  ],
];

export function Component() {
  return (
    <Page title="Terms and conditions" lead={`Last updated: ${UPDATED}`} width="medium">
      <article className={styles.terms}>
        {TERMS.map(([heading, paragraphs], index) => (
          <section key={heading}>
            <h2>
              {index + 1}. {heading}
            </h2>
            {paragraphs.map((paragraph) => (
              <p key={paragraph}>{paragraph}</p>
            ))}
          </section>
        ))}
      </article>
    </Page>
  );
}
