"""Hypothesis plays with a whole market whose time can be moved."""
