"""Hold orders, payments and workflows against each other."""
