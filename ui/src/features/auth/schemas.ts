import * as v from "valibot";

export const email = v.pipe(
  v.string(),
  v.trim(),
  v.nonEmpty("Enter your e-mail address."),
  v.email("Enter an e-mail address, such as name@company.ca."),
);

/** Of an existing account: whatever it is. */
export const anyPassword = v.pipe(v.string(), v.nonEmpty("Enter your password."));

/** The API decides whether it is a good one. */
export const newPassword = v.pipe(
  v.string(),
  v.minLength(8, "Use at least 8 characters."),
  v.maxLength(128, "Use at most 128 characters."),
);
