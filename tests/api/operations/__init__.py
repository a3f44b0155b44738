"""Operators see and steer purchases, on a whole market."""
