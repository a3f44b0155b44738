"""Who may do what, and what is told to whom, on a whole market."""
