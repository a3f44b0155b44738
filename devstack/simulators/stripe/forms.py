"""Form bodies with Stripe's nested brackets: ``metadata[order]=1&expand[]=latest_charge``."""

import re
from typing import Any, Final
from urllib.parse import parse_qsl

from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import invalid

KEY: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
PART: Final = re.compile(r"\[([^\[\]]*)\]")


def decode(text: str) -> Document:
    """Nested dictionaries and lists of strings; an empty string is kept, it means "unset"."""
    decoded: Document = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        match = KEY.match(key)
        if match is None:
            raise invalid(f"Invalid parameter name: {key}", key)
        _put(decoded, [match[1], *PART.findall(match[2])], value)
    return {key: _with_lists(value) for key, value in decoded.items()}


def _put(target: Document, path: list[str], value: str) -> None:
    for index, part in enumerate(path):
        # ``expand[]`` names no position: each further one goes to the end.
        name = part or str(len(target))
        if index == len(path) - 1:
            target[name] = value
            return
        inner = target.setdefault(name, {})
        if not isinstance(inner, dict):
            raise invalid(f"Invalid {path[0]}: it is both a value and an object", path[0])
        target = inner


def _with_lists(value: Any) -> Any:  # noqa: ANN401 - a form value is a string, a list or a mapping
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(item) for key, item in value.items()}
    if inner and all(key.isdecimal() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
