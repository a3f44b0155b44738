"""What deals with one kind of event."""

from collections.abc import Awaitable, Callable

Handler = Callable[[str], Awaitable[str]]
"""Takes the id of what the event is about, and says in a few words what came of it.

It may run twice, late, or out of order: it reads what counts from Stripe.
"""
