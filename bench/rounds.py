"""Interleaved rounds: A B A B …, so that a machine that slows down slows both."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

Measured = TypeVar("Measured")


async def interleaved(
    shapes: Mapping[str, Callable[[], Awaitable[Measured]]],
    rounds: int,
    *,
    say: Callable[[str], None],
) -> dict[str, list[Measured]]:
    """What each shape measured, by name, one entry a round; every second round runs backwards."""
    found: dict[str, list[Measured]] = {name: [] for name in shapes}
    for number in range(rounds):
        names = list(shapes) if number % 2 == 0 else list(shapes)[::-1]
        for name in names:
            say(f"round {number + 1} of {rounds}: {name}")
            found[name].append(await shapes[name]())
    return found
