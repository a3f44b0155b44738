"""How we reach Temporal."""
