"""Stand-ins for Google and GitHub: people of this machine sign in, nobody else is asked."""
