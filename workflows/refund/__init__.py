"""Give the money back, then the ticket to the market."""
