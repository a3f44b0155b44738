"""Two buyers, one ticket, Stripe, and everything that can happen to them, one step at a time.

A step that is under way when its worker dies has had its effect but is not written down: it begins
again at the last point that Temporal remembers. So ``crash`` is an event like any other here.
"""

from collections.abc import Callable, Iterator
from enum import Flag, auto
from typing import Final, NamedTuple


class Guard(Flag):
    """What keeps a purchase right. Taking one out must break an invariant."""

    COMPARE_AND_SET = auto()
    """A ticket is reserved only if it is available or this order's already."""
    UNIQUE_ORDER = auto()
    """A ticket has at most one active order, whatever the code does."""
    TILL_BEFORE_SEAT = auto()
    """The PaymentIntent is closed before the ticket is released."""
    LOOK_BEFORE_CAPTURE = auto()
    """A capture, also a repeated one, takes the money once (look first, one idempotency key)."""
    LOOK_BEFORE_REFUND = auto()
    """So does a refund."""
    ORDER_FIRST = auto()
    """An order is over before its ticket is anybody else's."""
    LOOK_BEFORE_GIVING_BACK = auto()
    """A sale that was done in a task that was lost is not taken for one that failed."""
    RECONCILIATION = auto()
    """What an event that was lost, or a step that came far too late, left behind is put right."""


ALL_GUARDS: Final = ~Guard(0)

OPEN: Final = ("created", "awaiting_payment")
ACTIVE: Final = (*OPEN, "complete", "refunding")
PAID: Final = ("complete", "refunding", "refunded")
HELD: Final = ("held", "held late")


class Side(NamedTuple):
    """One buyer: their order, where its workflow is, and their money at Stripe."""

    order: str = "none"
    at: str = "none"
    """Where the purchase's workflow is; ``over`` when it has ended."""
    told: bool = False
    """The workflow has heard that money was held in time."""
    past: bool = False
    """The deadline has passed."""
    cancel: bool = False
    intent: str = "none"
    """``unpaid``, ``held``, ``held late``, ``captured`` or ``canceled``."""
    captures: int = 0
    refunds: int = 0
    news: bool = False
    """Stripe goes on delivering an event about the money."""
    refund: str = "none"
    """Where the refund's workflow is."""
    orphan: bool = False
    """The orphan handler is at work."""
    left: bool = False
    """The ticket remembers that this order gave it back."""


class World(NamedTuple):
    """Everything there is."""

    ticket: str = "available"
    holder: int | None = None
    sides: tuple[Side, ...] = (Side(), Side())

    def change(self, who: int, **fields: object) -> "World":
        """The same, but for one buyer's side."""
        sides = tuple(
            side._replace(**fields) if number == who else side  # type: ignore[arg-type]  # a field of Side
            for number, side in enumerate(self.sides)
        )
        return self._replace(sides=sides)


Step = tuple[str, World]

AGAIN: Final = {
    # Local activities are written down with their whole task, others one by one.
    "reserve": "reserve",
    "open": "reserve",
    "close": "close",
    "capture": "capture",
    "sell": "sell",
    "complete": "sell",
    "give back": "give back",
    "cancel": "cancel",
    "release": "cancel",
}
"""Where a workflow goes on after a crash in this step."""

REFUND_AGAIN: Final = {"claim": "claim", "pay": "pay", "finish": "finish", "return": "finish"}


class Rules:
    """What can happen next."""

    def __init__(self, guards: Guard = ALL_GUARDS) -> None:
        self._guards = guards

    def events(self, world: World) -> Iterator[Step]:
        """What people, Stripe and time may do; none of it has to happen."""
        for who, side in enumerate(world.sides):
            yield from self._people(world, who, side)
            yield from self._stripe(world, who, side)

    def steps(self, world: World) -> Iterator[Step]:
        """What goes on by itself and, crashes or not, happens in the end."""
        for who, side in enumerate(world.sides):
            if side.at in AGAIN:
                done = self._purchase(world, who, side)
                yield f"{side.at} {who}", done
                yield f"crash in {side.at} {who}", done.change(who, at=AGAIN[side.at])
            if side.refund in REFUND_AGAIN:
                done = self._refund(world, who, side)
                yield f"refund: {side.refund} {who}", done
                crashed = done.change(who, refund=REFUND_AGAIN[side.refund])
                yield f"crash in refund: {side.refund} {who}", crashed
            if side.at == "wait":
                yield from self._waiting(world, who, side)
            if side.news:
                yield f"webhook {who}", self._webhook(world, who, side)
            if Guard.RECONCILIATION in self._guards and side.at == "over":
                yield from self._reconcile(world, who, side)
            if side.orphan:
                settled = self._settle_orphan(world, who, side)
                yield f"orphan {who}", settled
                yield f"crash in orphan {who}", settled.change(who, orphan=True)

    def _people(self, world: World, who: int, side: Side) -> Iterator[Step]:
        if side.at == "none" and world.ticket == "available":
            yield f"click {who}", world.change(who, at="reserve")
        if side.at == "wait" and side.intent == "none" and not side.past and not side.cancel:
            # The client secret is shown with the bill, so that nobody pays a bill half written.
            yield f"intent made {who}", world.change(who, intent="unpaid")
        if side.at == "wait" and side.intent == "unpaid" and side.order == "created":
            yield f"bill in force {who}", world.change(who, order="awaiting_payment")
        # A browser that was shown a client secret can use it as long as Stripe lets it.
        if side.order in ("awaiting_payment", "cancelled") and side.intent == "unpaid":
            held = "held late" if side.past else "held"
            yield f"pay {who}", world.change(who, intent=held, news=True)
        if side.at in ("wait", "reserve", "open") and not side.cancel:
            yield f"cancel {who}", world.change(who, cancel=True)
        if side.order == "complete" and side.refund == "none":
            yield f"ask for refund {who}", world.change(who, refund="claim")
        if side.at == "over":
            yield f"delayed reservation {who}", self._reserve(world, who)

    def _stripe(self, world: World, who: int, side: Side) -> Iterator[Step]:
        if side.at == "wait" and not side.past:
            yield f"deadline {who}", world.change(who, past=True)
        if side.intent in HELD:
            yield f"hold expires {who}", world.change(who, intent="canceled")
        if side.news:
            again = self._webhook(world, who, side).change(who, news=True)
            yield f"webhook {who}, and again", again
            yield f"webhook {who} is lost", world.change(who, news=False)

    def _waiting(self, world: World, who: int, side: Side) -> Iterator[Step]:
        if side.intent == "held":
            yield f"poll {who}", world.change(who, told=True)
        if side.cancel or side.past:
            yield f"stop waiting {who}", world.change(who, at=self._end_of_wait())
        elif side.told:
            yield f"stop waiting {who}", world.change(who, at="capture")

    def _end_of_wait(self) -> str:
        return "close" if Guard.TILL_BEFORE_SEAT in self._guards else "cancel"

    def _purchase(self, world: World, who: int, side: Side) -> World:
        steps: dict[str, Callable[[World, int, Side], World]] = {
            "reserve": self._take,
            "open": self._open,
            "close": self._close,
            "capture": self._capture,
            "sell": self._sell,
            "complete": self._complete,
            "give back": self._give_back,
            "cancel": self._begin_to_end,
            "release": self._end,
        }
        return steps[side.at](world, who, side)

    def _take(self, world: World, who: int, _: Side) -> World:
        reserved = self._reserve(world, who)
        return reserved.change(who, at="open" if reserved.holder == who else "over")

    def _reserve(self, world: World, who: int) -> World:
        free = world.ticket == "available"
        if Guard.COMPARE_AND_SET not in self._guards:
            free = world.ticket != "sold"
        if not free or world.sides[who].left:
            return world
        return world._replace(ticket="reserved", holder=who)

    def _open(self, world: World, who: int, side: Side) -> World:
        if side.order != "none":
            return world.change(who, at="wait")
        others = [each for number, each in enumerate(world.sides) if number != who]
        if Guard.UNIQUE_ORDER in self._guards and any(each.order in ACTIVE for each in others):
            return self._release(world, who).change(who, at="over")
        return world.change(who, order="created", at="wait")

    def _close(self, world: World, who: int, side: Side) -> World:
        if side.intent == "captured" or (side.intent == "held" and not side.cancel):
            return world.change(who, at="capture")
        closed = "none" if side.intent == "none" else "canceled"
        return world.change(who, intent=closed, at="cancel")

    def _capture(self, world: World, who: int, side: Side) -> World:
        careless = Guard.LOOK_BEFORE_CAPTURE not in self._guards
        if side.intent == "held" or (careless and side.intent == "captured"):
            return world.change(who, intent="captured", captures=side.captures + 1, at="sell")
        return world.change(who, at="sell" if side.intent == "captured" else "close", cancel=True)

    def _sell(self, world: World, who: int, side: Side) -> World:
        if world.holder == who:
            return world._replace(ticket="sold").change(who, at="complete")
        # Sold, completed and even refunded already, in a task that was lost?
        known = side.order in PAID and Guard.LOOK_BEFORE_GIVING_BACK in self._guards
        return world.change(who, at="over" if known else "give back")

    def _complete(self, world: World, who: int, side: Side) -> World:
        order = "complete" if side.order in OPEN else side.order
        return world.change(who, order=order, at="over")

    def _give_back(self, world: World, who: int, side: Side) -> World:
        return self._pay_back(world, who, side).change(who, at="cancel")

    def _begin_to_end(self, world: World, who: int, _: Side) -> World:
        first = self._cancelled if Guard.ORDER_FIRST in self._guards else self._release
        return first(world, who).change(who, at="release")

    def _end(self, world: World, who: int, _: Side) -> World:
        then = self._release if Guard.ORDER_FIRST in self._guards else self._cancelled
        return then(world, who).change(who, at="over")

    def _refund(self, world: World, who: int, side: Side) -> World:
        match side.refund:
            case "claim":
                if side.order not in ("complete", "refunding"):
                    return world.change(who, refund="over")
                return world.change(who, order="refunding", refund="pay")
            case "pay":
                return self._pay_back(world, who, side).change(who, refund="finish")
            case "finish":
                order = "refunded" if side.order == "refunding" else side.order
                return world.change(who, order=order, refund="return")
            case _:
                return self._release(world, who).change(who, refund="over")

    def _webhook(self, world: World, who: int, side: Side) -> World:
        world = world.change(who, news=False)
        claimed = side.order not in ("none", "cancelled")
        held = side.intent in HELD
        if held and claimed and side.at != "over":
            return world.change(who, told=side.told or side.intent == "held")
        if held or (side.intent == "captured" and not claimed):
            return world.change(who, orphan=True)
        return world

    def _reconcile(self, world: World, who: int, side: Side) -> Iterator[Step]:
        if (world.ticket, world.holder) == ("reserved", who):
            yield f"reconcile the ticket {who}", self._release(world, who)
        kept = side.captures > side.refunds
        unsettled = (kept or side.intent in HELD) and not side.orphan
        if unsettled and side.order not in PAID:
            yield f"reconcile the money {who}", world.change(who, orphan=True)

    def _settle_orphan(self, world: World, who: int, side: Side) -> World:
        world = world.change(who, orphan=False)
        if side.order in PAID:
            return world
        if side.intent == "captured":
            return self._pay_back(world, who, side)
        return world.change(who, intent="canceled")

    def _pay_back(self, world: World, who: int, side: Side) -> World:
        if Guard.LOOK_BEFORE_REFUND in self._guards and side.refunds >= side.captures:
            return world
        return world.change(who, refunds=side.refunds + 1)

    def _cancelled(self, world: World, who: int) -> World:
        order = "cancelled" if world.sides[who].order in OPEN else world.sides[who].order
        return world.change(who, order=order)

    def _release(self, world: World, who: int) -> World:
        if world.holder == who:
            world = world._replace(ticket="available", holder=None)
        return world.change(who, left=True)
