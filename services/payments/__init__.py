"""Payments: what was asked, held, taken and given back at Stripe, and what Stripe told us."""
