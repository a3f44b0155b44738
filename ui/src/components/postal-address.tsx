import type { Order } from "@/api/types";
import { countryName } from "@/lib/places";
import styles from "./postal-address.module.css";

/** A name and an address, as on an envelope. */
export function PostalAddress({ billing }: { billing: NonNullable<Order["billing"]> }) {
  const { line1, line2, city, region, postal_code, country } = billing.address;
  const lines = [
    billing.name,
    line1,
    line2,
    [city, [region, postal_code].filter(Boolean).join(" ")].filter(Boolean).join(", "),
    countryName(country),
  ].filter(Boolean);
  return (
    <address className={styles.address}>
      {lines.map((line, index) => (
        <span key={index}>{line}</span>
      ))}
    </address>
  );
}
