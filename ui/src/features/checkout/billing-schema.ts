import * as v from "valibot";
import type { BillingDraft, Order } from "@/api/types";

const line = (message: string) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.nonEmpty(message),
    v.maxLength(200, "Use at most 200 characters."),
  );

const CANADIAN_POSTAL_CODE = /^[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d$/i;

const address = v.object({
  country: v.string(),
  line1: line("Enter the street and number."),
  line2: v.pipe(v.string(), v.maxLength(200)),
  city: line("Enter the city."),
  region: v.pipe(v.string(), v.maxLength(200)),
  postal_code: line("Enter the postal code."),
});

/** What the form asks. In Canada the province decides the taxes, so that it cannot be left out. */
export const billingSchema = v.object({
  name: line("Enter your full name."),
  address: v.pipe(
    address,
    v.forward(
      v.check(({ country, region }) => country !== "CA" || region !== "", "Choose a province."),
      ["region"],
    ),
    v.forward(
      v.check(
        ({ country, postal_code }) => country !== "CA" || CANADIAN_POSTAL_CODE.test(postal_code),
        "Enter a Canadian postal code, such as M5B 1T7.",
      ),
      ["postal_code"],
    ),
  ),
});

export type BillingValues = v.InferOutput<typeof billingSchema>;

export function valuesOf(billing: Order["billing"]): BillingValues {
  return {
    name: billing?.name ?? "",
    address: {
      country: billing?.address.country ?? "CA",
      line1: billing?.address.line1 ?? "",
      line2: billing?.address.line2 ?? "",
      city: billing?.address.city ?? "",
      region: billing?.address.region ?? "",
      postal_code: billing?.address.postal_code ?? "",
    },
  };
}

export function draftOf({ name, address }: BillingValues): BillingDraft {
  return {
    name,
    address: {
      ...address,
      line2: address.line2 || null,
      region: address.region || null,
      postal_code:
        address.country === "CA" ? tidyPostalCode(address.postal_code) : address.postal_code,
    },
  };
}

/** "m5b1t7" is "M5B 1T7". */
function tidyPostalCode(typed: string): string {
  const bare = typed.replace(/[\s-]/g, "").toUpperCase();
  return `${bare.slice(0, 3)} ${bare.slice(3)}`;
}
