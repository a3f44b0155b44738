"""For operators: see every purchase, and steer it."""
