"""Reconciliation: what does not add up is put right where that is safe, and reported otherwise."""
