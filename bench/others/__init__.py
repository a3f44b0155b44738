"""The purchase beside others: the original's shape, and what is left after a blow."""
