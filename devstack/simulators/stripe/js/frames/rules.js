/* What a card looks like while it is typed, and Stripe's words for what is wrong with it. */

const BRANDS = [
  { name: "amex", starts: /^3[47]/, lengths: [15], cvc: 4, groups: [4, 6, 5] },
  { name: "diners", starts: /^3[068]/, lengths: [14], cvc: 3, groups: [4, 6, 4] },
  { name: "jcb", starts: /^35/, lengths: [16], cvc: 3 },
  { name: "visa", starts: /^4/, lengths: [16], cvc: 3 },
  { name: "mastercard", starts: /^(5[1-5]|2[2-7])/, lengths: [16], cvc: 3 },
  { name: "unionpay", starts: /^62/, lengths: [16, 17, 18, 19], cvc: 3 },
  { name: "discover", starts: /^6/, lengths: [16], cvc: 3 },
];
const UNKNOWN = { name: "unknown", lengths: [16], cvc: 3 };
const MESSAGES = {
  incomplete_number: "Your card number is incomplete.",
  invalid_number: "Your card number is invalid.",
  incomplete_expiry: "Your card's expiration date is incomplete.",
  invalid_expiry_month: "Your card's expiration month is invalid.",
  invalid_expiry_month_past: "Your card's expiration date is in the past.",
  invalid_expiry_year_past: "Your card's expiration year is in the past.",
  incomplete_cvc: "Your card's security code is incomplete.",
};

const digitsOf = (text) => text.replace(/\D/g, "");
const brandOf = (number) => BRANDS.find(({ starts }) => starts.test(number)) ?? UNKNOWN;
const longest = (number) => Math.max(...brandOf(number).lengths);

function grouped(text) {
  const all = digitsOf(text);
  const number = all.slice(0, longest(all));
  const parts = [];
  let rest = number;
  for (const size of brandOf(number).groups ?? [4, 4, 4, 4, 4]) {
    parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return parts.filter(Boolean).join(" ");
}

/** `MM / YY`; also of `12/2034`, as a browser fills it in. */
function dated(text, isDeleting) {
  let digits = digitsOf(text);
  if (/^[2-9]/.test(digits)) digits = `0${digits}`;
  if (digits.length > 4) digits = digits.slice(0, 2) + digits.slice(2, 6).slice(-2);
  const year = digits.slice(2);
  if (!year && (isDeleting || digits.length < 2)) return digits;
  return `${digits.slice(0, 2)} / ${year}`;
}

/** The check digit that every card number has. */
function passesLuhn(number) {
  const sum = [...number].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

function numberError(text) {
  const number = digitsOf(text);
  const brand = brandOf(number);
  if (number.length < Math.min(...brand.lengths)) return "incomplete_number";
  return brand === UNKNOWN || !passesLuhn(number) ? "invalid_number" : null;
}

function expiryError(text, today = new Date()) {
  const digits = digitsOf(text);
  if (digits.length < 4) return "incomplete_expiry";
  const month = Number(digits.slice(0, 2));
  const year = 2000 + Number(digits.slice(2));
  if (month < 1 || month > 12) return "invalid_expiry_month";
  if (year < today.getFullYear()) return "invalid_expiry_year_past";
  const isPast = year === today.getFullYear() && month < today.getMonth() + 1;
  return isPast ? "invalid_expiry_month_past" : null;
}

function cvcError(text, number) {
  return digitsOf(text).length < brandOf(digitsOf(number)).cvc ? "incomplete_cvc" : null;
}
