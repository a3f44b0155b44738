"""What open pages are told as it happens: one cursor per collection, many listeners."""
