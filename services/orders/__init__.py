"""Orders: who buys what, at which price, and how it stands."""
