"""Reading a request's parameters with Stripe's own refusals."""

from collections.abc import Collection, Sequence
from typing import Final

from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import invalid, missing_parameter
from devstack.simulators.stripe.store import COMPARISONS

MOST_METADATA_KEYS: Final = 50
LONGEST_METADATA_KEY: Final = 40
LONGEST_METADATA_VALUE: Final = 500


def names(words: str) -> frozenset[str]:
    """A set of parameter names, written as a sentence of words."""
    return frozenset(words.split())


class Parameters:
    """The decoded form of one request; every reader refuses what Stripe would refuse."""

    def __init__(self, values: Document, allowed: Collection[str]) -> None:
        unknown = [name for name in values if name not in allowed]
        if unknown:
            message = f"Received unknown parameter: {unknown[0]}"
            raise invalid(message, unknown[0], "parameter_unknown")
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str | None:
        """A string; not sent and sent empty are both ``None``."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise invalid(f"Invalid string: {value}", name)
        return value or None

    def required_text(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if value is None:
            raise missing_parameter(name)
        return value

    def integer(self, name: str) -> int | None:
        """A whole number of at least 0."""
        value = self.text(name)
        if value is None:
            return None
        if not value.removeprefix("-").isdecimal():
            raise invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer")
        return int(value)

    def positive(self, name: str) -> int | None:
        """A whole number of at least 1: an amount."""
        value = self.integer(name)
        if value is not None and value < 1:
            message = "This value must be greater than or equal to 1."
            raise invalid(message, name, "parameter_invalid_integer")
        return value

    def flag(self, name: str) -> bool | None:
        """``true`` or ``false``."""
        value = self.text(name)
        if value not in {None, "true", "false"}:
            raise invalid(f"Invalid boolean: {value}", name)
        return None if value is None else value == "true"

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """One of a few words."""
        value = self.text(name)
        if value is not None and value not in choices:
            listed = ", ".join(choices[:-1]) + f", or {choices[-1]}"
            raise invalid(f"Invalid {name}: must be one of {listed}", name)
        return value

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        value = self._values.get(name) or []
        if not isinstance(value, list):
            raise invalid("Invalid array", name)
        return [str(item) for item in value]

    def mapping(self, name: str) -> Document:
        """A nested object."""
        value = self._values.get(name) or {}
        if not isinstance(value, dict):
            raise invalid("Invalid object", name)
        return value

    def bounds(self, name: str) -> dict[str, int]:
        """A range by ``gt``, ``gte``, ``lt``, ``lte``; a bare number is both of its ends."""
        value = self._values.get(name) or {}
        sent = {"gte": value, "lte": value} if isinstance(value, str) else self.mapping(name)
        for how, bound in sent.items():
            if how not in COMPARISONS or not str(bound).isdecimal():
                message = f"Invalid integer: {bound}"
                raise invalid(message, f"{name}[{how}]", "parameter_invalid_integer")
        return {how: int(bound) for how, bound in sent.items()}

    def metadata(self, current: Document | None = None) -> Document:
        """``current`` with what was sent; an empty value removes its key, an empty whole all."""
        if self._values.get("metadata") == "":
            return {}
        sent = self.mapping("metadata")
        for key, value in sent.items():
            if len(key) > LONGEST_METADATA_KEY or len(str(value)) > LONGEST_METADATA_VALUE:
                raise invalid(
                    "Metadata keys have up to 40 characters, values up to 500.", "metadata"
                )
        merged = {**(current or {}), **sent}
        if len(merged) > MOST_METADATA_KEYS:
            raise invalid("Metadata can have up to 50 keys.", "metadata")
        return {key: value for key, value in merged.items() if value != ""}
