"""Histories of running purchases, as earlier code wrote them."""
