"""Closing an account: the person goes, what others rely on stays."""
