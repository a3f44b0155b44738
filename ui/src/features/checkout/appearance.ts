import type { Appearance } from "@stripe/stripe-js";

/** Our palette, told to Stripe: its frame cannot see our style sheet. */
export const APPEARANCE: Appearance = {
  theme: "night",
  variables: {
    colorPrimary: "#7cb8ff",
    colorBackground: "#003049",
    colorText: "#e0f4ff",
    colorTextSecondary: "#a9cbe0",
    colorDanger: "#fca5a5",
    borderRadius: "8px",
    fontFamily: "Inter, system-ui, sans-serif",
    spacingUnit: "4px",
  },
  rules: {
    ".Input": { border: "1px solid #669bbc" },
  },
};
