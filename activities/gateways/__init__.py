"""How outside services are spoken to."""
