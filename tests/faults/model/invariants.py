"""I1 to I6 of a modelled world: those that hold at every moment, and those of closed books."""

from collections.abc import Callable, Mapping
from typing import Final

from tests.faults.model.world import ACTIVE, HELD, Side, World

Broken = Callable[[World, int, Side], bool]


def _kept(side: Side) -> int:
    return side.captures - side.refunds


ALWAYS: Final[Mapping[str, Broken]] = {
    "I1: two active orders for one ticket": lambda world, _who, side: (
        side.order in ACTIVE and sum(each.order in ACTIVE for each in world.sides) > 1
    ),
    "I2: complete without the ticket": lambda world, who, side: (
        side.order == "complete" and (world.ticket, world.holder) != ("sold", who)
    ),
    "I2: charged, and somebody else has the ticket": lambda _world, _who, side: (
        side.at == "give back"
    ),
    "I2: paid in time, and sent away": lambda _world, _who, side: (
        side.order == "cancelled" and side.intent == "held" and not side.cancel
    ),
    "I3: captured twice": lambda _world, _who, side: side.captures > 1,
    "I3: refunded more than was captured": lambda _world, _who, side: _kept(side) < 0,
    "I3: complete without the money": lambda _world, _who, side: (
        side.order == "complete" and side.captures == 0
    ),
}
"""Broken for one buyer at this moment?"""

AT_REST: Final[Mapping[str, Broken]] = {
    "I2: captured, but not sold": lambda _world, _who, side: (
        _kept(side) > 0 and side.order != "complete"
    ),
    "I2: sold to nobody": lambda world, who, side: (
        (world.ticket, world.holder) == ("sold", who) and side.order != "complete"
    ),
    "I3: sold, but not paid": lambda _world, _who, side: (
        side.order == "complete" and _kept(side) == 0
    ),
    "I4: reserved for nobody": lambda world, who, side: (
        (world.ticket, world.holder) == ("reserved", who) and side.at != "wait"
    ),
    "I6: money held, and no workflow": lambda _world, _who, side: (
        side.intent in HELD and side.at != "wait"
    ),
}
"""Broken for one buyer when nothing goes on any more? I5, events without effect, is ``rest``."""


def broken(world: World, *, at_rest: bool) -> str | None:
    """The name of what is wrong, or None."""
    rules = {**ALWAYS, **AT_REST} if at_rest else ALWAYS
    return next(
        (
            name
            for name, is_broken in rules.items()
            for who, side in enumerate(world.sides)
            if is_broken(world, who, side)
        ),
        None,
    )
