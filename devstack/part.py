"""What the supervisor starts: a description, not a process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Check = Callable[[], bool]
"""One bounded attempt (a few seconds at most) to see whether a part does its work."""


def no_check() -> bool:
    """For parts that say nothing about themselves: running is enough."""
    return True


@dataclass(frozen=True)
class Part:
    """One program of the stack."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    """The whole environment of the program."""
    ready: Check = no_check
    after: Sequence[str] = ()
    """Names of the parts that must be ready before this one starts."""
    ports: Mapping[str, int] = field(default_factory=dict)
    """Loopback ports that it listens on, by the variable that moves them."""
    data: Path | None = None
    """The folder that it keeps its data in; made before it starts."""
    once: bool = False
    """A task: it is ready when it has ended well, and is not started again."""
    ready_within: float = 120
    """Seconds from its first start until the whole start is given up."""
    grace: float = 10
    """Seconds between the request to end and the end."""
