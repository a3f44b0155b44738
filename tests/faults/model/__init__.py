"""The purchase on paper: every order of events, searched to the end in plain Python."""
