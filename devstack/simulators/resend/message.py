"""What a request to send mail must look like."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from devstack.simulators.resend.errors import MissingFieldError, ResendError, UnreadableBodyError

RECIPIENTS_MAX = 50
ADDRESS = re.compile(r"[^@\s<>,]+@[^@\s<>,]+\.[^@\s<>,]+")
NAMED_ADDRESS = re.compile(rf"[^<>]*<{ADDRESS.pattern}>")

Message = dict[str, Any]
"""The JSON object of a send request, recipients always as lists."""


def parse_message(body: bytes) -> Message:
    """The message of a request body; raises Resend's refusal when it could not be sent."""
    try:
        message = json.loads(body)
    except ValueError as error:
        raise UnreadableBodyError from error
    if not isinstance(message, dict):
        raise UnreadableBodyError
    for field in ("from", "to", "subject"):
        if not message.get(field):
            raise MissingFieldError(f"Missing `{field}` field.")
    if not (message.get("html") or message.get("text")):
        raise MissingFieldError("Missing `html` or `text` field.")
    _check_texts(message)
    return message | _recipients(message)


def fingerprint(message: Message) -> str:
    """The same for two requests that ask for the same mail."""
    return hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()


def _check_texts(message: Message) -> None:
    for field in ("from", "subject", "html", "text"):
        if not isinstance(message.get(field) or "", str):
            raise ResendError(f"The `{field}` field must be a `string`.")
    _check_addresses("from", [message["from"]])


def _recipients(message: Message) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for field in ("to", "cc", "bcc", "reply_to"):
        given = message.get(field) or []
        lists[field] = [given] if isinstance(given, str) else given
        if not isinstance(lists[field], list) or len(lists[field]) > RECIPIENTS_MAX:
            raise ResendError(f"The `{field}` field takes up to {RECIPIENTS_MAX} addresses.")
        _check_addresses(field, lists[field])
    return lists


def _check_addresses(field: str, addresses: Iterable[object]) -> None:
    for address in addresses:
        text = address.strip() if isinstance(address, str) else ""
        if not (ADDRESS.fullmatch(text) or NAMED_ADDRESS.fullmatch(text)):
            raise ResendError(
                f"Invalid `{field}` field. The email address needs to follow the"
                " `email@example.com` or `Name <email@example.com>` format."
            )
