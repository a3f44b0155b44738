"""Object ids that look like Stripe's."""

import secrets
import string
from typing import Final

ALPHABET: Final = string.digits + string.ascii_letters
# 248 is the largest multiple of 62 in a byte; bytes above it would favour the first letters.
USABLE: Final = {byte: ALPHABET[byte % 62] for byte in range(248)}


def random_text(length: int) -> str:
    """Letters and digits that nobody can guess."""
    text = ""
    while len(text) < length:
        text += "".join(USABLE[byte] for byte in secrets.token_bytes(length) if byte in USABLE)
    return text[:length]


def new_id(prefix: str) -> str:
    """A fresh id such as ``pi_3Qk…``."""
    return f"{prefix}_3{random_text(23)}"


def new_request_id() -> str:
    """What Stripe answers as ``Request-Id``."""
    return f"req_{random_text(14)}"
