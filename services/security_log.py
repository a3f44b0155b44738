"""The security log: who got in, who was kept out, and what cannot be undone.

One line of JSON per event, marked ``"log": "security"``, with ids only: no e-mail address, no
token, nothing that a client wrote. Of the client's address it holds the neighbourhood (a /24, or a
/48 of IPv6): enough to see where an attack comes from and to act on it, too little to say who it
is. The request id leads to the other lines of the request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Final

import structlog

log = structlog.get_logger("security")

_network: ContextVar[str | None] = ContextVar("network", default=None)


class Event(StrEnum):
    """What is worth knowing afterwards."""

    REGISTERED = "registered"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    EMAIL_VERIFIED = "email_verified"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET_ASKED = "password_reset_asked"
    PASSWORD_RESET_DONE = "password_reset_done"
    SESSION_REVOKED = "session_revoked"
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_UNLINKED = "identity_unlinked"
    TOKEN_MADE = "token_made"
    TOKEN_REVOKED = "token_revoked"
    DATA_EXPORTED = "data_exported"
    ACCOUNT_CLOSED = "account_closed"
    ROLE_GIVEN = "role_given"
    REFUND_ASKED = "refund_asked"
    OPERATOR_ACTED = "operator_acted"
    FINDING_DISMISSED = "finding_dismissed"
    PERSON_LOOKED_UP = "person_looked_up"
    PURCHASES_EXPORTED = "purchases_exported"

    REFUSED = "refused"
    """Not signed in, not allowed, or not theirs."""
    FOREIGN_ORIGIN = "foreign_origin"
    LIMIT_HIT = "limit_hit"
    BAD_WEBHOOK_SIGNATURE = "bad_webhook_signature"
    CONTENT_BLOCKED = "content_blocked"
    """A browser reports that the content security policy stopped something on a page of ours."""


ALARMING: Final = frozenset(
    {
        Event.SIGN_IN_FAILED,
        Event.FOREIGN_ORIGIN,
        Event.LIMIT_HIT,
        Event.BAD_WEBHOOK_SIGNATURE,
        Event.CONTENT_BLOCKED,
    }
)


def record(event: Event, **ids: str | int | None) -> None:
    """Write one line; ``ids`` are ids, codes and numbers of ours."""
    write = log.warning if event in ALARMING else log.info
    write(event.value, log="security", network=_network.get(), **ids)


@contextmanager
def seen_from(network: str) -> Iterator[None]:
    """Events inside the block come from this network."""
    token = _network.set(network)
    try:
        yield
    finally:
        _network.reset(token)
