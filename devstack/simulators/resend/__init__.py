"""A mail inbox that speaks Resend's API: what would have been sent can be read in the browser."""
