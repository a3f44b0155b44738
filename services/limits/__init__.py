"""How often something may be tried: by one client address, with one account, by one user."""
