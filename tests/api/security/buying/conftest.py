"""The same fixtures as for orders; what has package scope is made anew for these tests."""

from tests.api.orders.conftest import buyer, market, seller, whole_market

__all__ = ["buyer", "market", "seller", "whole_market"]
