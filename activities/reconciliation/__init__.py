"""The looks that a reconciliation takes: which orders, what is known of each, what is wrong."""
