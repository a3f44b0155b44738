"""Reconciliation on a whole market: everything is real but Stripe and Resend."""
