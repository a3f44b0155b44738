"""Refusals, named once and worded by each provider in its own way."""

from enum import Enum, auto
from http import HTTPStatus


class ShownError(Exception):
    """Told to the person on a page: there is nowhere safe to send them back to."""

    def __init__(self, title: str, text: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(text)
        self.title = title
        self.text = text
        self.status = int(status)


class SentBackError(Exception):
    """Told to the application, by way of the person's browser."""

    def __init__(self, location: str) -> None:
        super().__init__("sent back to the application")
        self.location = location


class Refusal(Enum):
    """Why a code is not exchanged for a token."""

    BAD_REQUEST = auto()
    """A parameter is missing or comes twice."""
    OTHER_GRANT = auto()
    BAD_CLIENT = auto()
    BAD_CODE = auto()
    """Unknown, too old, used before, or somebody else's."""
    OTHER_REDIRECT = auto()
    NO_VERIFIER = auto()
    WRONG_VERIFIER = auto()


class ExchangeRefusedError(Exception):
    """A code that is not exchanged."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal
