"""Users, and every way into their accounts, on a real MongoDB."""
