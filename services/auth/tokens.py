"""Tokens: random texts that open something. They are handed out once and kept only as hashes."""

import hashlib
import secrets
from typing import Final

TOKEN_LENGTH: Final = 43
"""Of every token: 256 random bits in base64url."""


def new_token() -> str:
    """A fresh token that nobody can guess."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so a fast hash is enough to make a stolen
    database useless."""
    return hashlib.sha256(token.encode()).hexdigest()
