"""Visits every world that can come to be, and says how the first wrong one came about."""

from collections import deque
from typing import NamedTuple

from tests.faults.model.invariants import broken
from tests.faults.model.world import Rules, World


class Wrong(NamedTuple):
    """A world that must not be, and the shortest way there."""

    invariant: str
    way: list[str]


class Searched(NamedTuple):
    """How much there was to see, and what was wrong with it, if anything."""

    worlds: int
    at_rest: int
    """Worlds in which nothing goes on by itself: there the books are closed."""
    wrong: Wrong | None
    moves: frozenset[tuple[str, str]] = frozenset()
    """From which status to which an order went, of all orders that there were."""


def search(rules: Rules, start: World | None = None) -> Searched:
    """Breadth first, so that the way to a wrong world is as short as can be."""
    start = start or World()
    came_from: dict[World, tuple[World, str] | None] = {start: None}
    waiting = deque([start])
    at_rest, moves = 0, set[tuple[str, str]]()
    while waiting:
        world = waiting.popleft()
        steps = list(rules.steps(world))
        at_rest += not steps
        invariant = broken(world, at_rest=not steps)
        if invariant is not None:
            return Searched(len(came_from), at_rest, Wrong(invariant, _way(came_from, world)))
        for name, after in (*steps, *rules.events(world)):
            moves |= _moves(world, after)
            if after not in came_from:
                came_from[after] = (world, name)
                waiting.append(after)
    return Searched(len(came_from), at_rest, None, frozenset(moves))


def _moves(before: World, after: World) -> set[tuple[str, str]]:
    return {
        (old.order, new.order)
        for old, new in zip(before.sides, after.sides, strict=True)
        if old.order != new.order
    }


def _way(came_from: dict[World, tuple[World, str] | None], world: World) -> list[str]:
    way: list[str] = []
    before = came_from[world]
    while before is not None:
        world, name = before
        way.append(name)
        before = came_from[world]
    return way[::-1]
