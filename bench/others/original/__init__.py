"""A small twin of the original's purchase: FastAPI, MongoDB and delayed jobs in Redis.

Kept from the original: a reservation that looks for an order and then inserts one; a delayed job
that ends the hold, tried once; a direct charge without an idempotency key that only a cancelled or
refunded order refuses; a write to the database and then a message about it, with nothing to hold
the two together.

Left out: signing in, the copy of each document that every service had, and the event bus between
them. What the bus carried is written at once or travels in the Redis queue, which is more durable
than the original's bus in memory. So the twin is quicker, and loses less, than the original did.
"""
