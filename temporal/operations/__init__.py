"""What a person on duty can do to purchases through Temporal alone."""
