"""The Stripe simulator, driven through the official SDK."""
