"""Accounts together with mail, orders and listings."""
