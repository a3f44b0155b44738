"""A stand-in for Stripe on one machine: PaymentIntents, refunds, events and webhooks."""
