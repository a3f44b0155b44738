"""Money that arrived for a purchase that is over."""
