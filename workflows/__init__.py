"""Decisions of the marketplace: what happens next, and never how. No I/O here."""
