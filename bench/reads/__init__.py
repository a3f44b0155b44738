"""Pages of a large market, through the API and straight from the driver."""
