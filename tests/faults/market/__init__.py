"""Faults on a market in one process: Stripe's, its webhooks', and everything at one instant."""
