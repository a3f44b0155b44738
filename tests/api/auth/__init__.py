"""The front door: accounts, sessions, tokens."""
