"""Faults that a test plants: errors, silence and delays, before or after the effect."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Final, Literal, cast, get_args

from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import ApiError

Kind = Literal[
    "error_before",
    "error_after",
    "timeout_before",
    "timeout_after",
    "disconnect_before",
    "disconnect_after",
    "delay",
]
KINDS: Final = get_args(Kind)
LONG: Final = 3600.0
RATE_LIMITED: Final = 429
SERVER_ERROR: Final = 500
PAYMENT_FAILED: Final = 402


@dataclass
class Fault:
    """One rule: which requests, what goes wrong, how often."""

    id: int
    kind: Kind
    method: str | None = None
    path: str = "*"
    """``*`` is one part, at the end all that follows; ``^…`` is a regular expression."""
    seconds: float = LONG
    """How long a timeout keeps the connection open, or how long a delay lasts."""
    status: int = SERVER_ERROR
    code: str | None = None
    decline_code: str | None = None
    message: str = "A fault planted by a test."
    times: int | None = 1
    """How many requests it still hits; ``None`` is all of them."""
    saved: bool | None = None
    """Whether an ``error_before`` stays under the idempotency key; ``None`` is as Stripe does."""
    hits: int = field(default=0)

    def matches(self, method: str, path: str) -> bool:
        """Whether this request is hit."""
        if self.times == 0 or self.method not in {None, method}:
            return False
        return re.fullmatch(_expression(self.path), path) is not None

    def error(self) -> ApiError:
        """The planted answer."""
        code = self.code or ("rate_limit" if self.status == RATE_LIMITED else None)
        usual = self.status >= SERVER_ERROR or self.status == PAYMENT_FAILED
        return ApiError(
            self.message,
            status=self.status,
            code=code,
            decline_code=self.decline_code,
            executed=usual if self.saved is None else self.saved,
        )


class Faults:
    """The planted rules, first one first; they do not survive a restart."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._numbers = count(1)

    def add(self, wanted: Mapping[str, object]) -> Fault:
        """Plant a rule from its JSON form."""
        match = cast("Mapping[str, object]", wanted.get("match", {}))
        kind = wanted.get("kind")
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        given = {key: value for key, value in wanted.items() if key not in {"match", "kind", "id"}}
        if kind == "delay" and "seconds" not in given:
            raise ValueError("a delay needs seconds")
        fault = Fault(next(self._numbers), kind, **match, **given)  # type: ignore[arg-type]  # JSON
        re.compile(_expression(fault.path))
        self._rules.append(fault)
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """The rule that hits this request, counted."""
        for fault in self._rules:
            if fault.matches(method, path):
                fault.hits += 1
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def listed(self) -> list[Document]:
        """All rules, spent ones too."""
        return [asdict(fault) for fault in self._rules]

    def clear(self) -> None:
        """Remove all rules."""
        self._rules.clear()


def _expression(path: str) -> str:
    if path.startswith("^"):
        return path
    escaped = re.escape(path).replace(r"\*", "[^/]+")
    return escaped[: -len("[^/]+")] + ".*" if path.endswith("*") else escaped
