"""A letter about an account: a link that proves an address, or one that sets a password."""
