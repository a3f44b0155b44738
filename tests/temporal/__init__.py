"""How a namespace is made ready."""
