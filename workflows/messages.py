"""Base of everything that enters workflow history."""

from pydantic import BaseModel, ConfigDict, Field


class Message(BaseModel):
    """One payload of a workflow or a step: immutable, tolerant of fields from newer code.

    History is plain text to whoever reads Temporal, so only ids, amounts (integer minor units),
    times (aware UTC) and states go in: no address, name, secret or card data.
    """

    model_config = ConfigDict(frozen=True)


class Steering(Message):
    """What a person on duty asks of a workflow, and why."""

    actor: str = Field(min_length=1, max_length=64)
    """Who: a user's id, or the name of whoever sits at a command line."""
    why: str = Field(min_length=1, max_length=200)
    """Read by other operators, never by buyers. It must not name or describe anybody."""


class OutsideRequest(Message):
    """A request whose outside effect is protected by an idempotency key ending in ``attempt``."""

    attempt: int = 1
