"""Base of everything that enters workflow history."""

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """One payload of a workflow or a step: immutable, tolerant of fields from newer code.

    History is plain text to whoever reads Temporal, so only ids, amounts (integer minor units),
    times (aware UTC) and states go in: no address, name, secret or card data.
    """

    model_config = ConfigDict(frozen=True)


class OutsideRequest(Message):
    """A request whose outside effect is protected by an idempotency key ending in ``attempt``."""

    attempt: int = 1
