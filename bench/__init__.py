"""How fast the marketplace is, in ratios to what its engine can do at all."""
