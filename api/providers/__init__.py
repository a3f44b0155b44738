"""Signing in with Google and GitHub."""
