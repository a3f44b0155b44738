"""The rescue: what a purchase that was lost has left behind."""
