"""Attempts to break the promises of a purchase."""
