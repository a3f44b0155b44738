"""Sell one ticket to one buyer, or give the ticket back."""
