"""What goes wrong during a soak, and when: a plan that the same seed makes again.

A leak shows only in a process that lives long. So the first half kills whatever it likes; in the
second, the one that is measured, API, worker and mongod live, and all else goes on going wrong:
they stand still, lose their connections to what is killed beside them, and are lied to.
"""

import random
import signal
import time
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

import httpx

from devstack.ready import answers
from tests.e2e.system import System
from tests.waiting import eventually

Kind = Literal["kill", "freeze", "stripe", "webhooks", "mail"]

PARTS: Final = ("mongod", "temporal", "stripe", "mail", "api", "worker")
WATCHED: Final = ("mongod", "api", "worker")
"""Their memory and their connections are looked at in the second half, so that none is killed."""
FROZEN: Final = ("worker", "api", "mongod", "stripe")
AT_STRIPE: Final = (
    "/v1/payment_intents",
    "/v1/payment_intents/*/capture",
    "/v1/payment_intents/*/cancel",
    "/v1/refunds",
)
STRIPE_FAULTS: Final[tuple[dict[str, object], ...]] = (
    {"kind": "timeout_after", "seconds": 15},
    {"kind": "timeout_before", "seconds": 15},
    {"kind": "disconnect_after"},
    {"kind": "error_after", "status": 500},
    {"kind": "error_before", "status": 429},
    {"kind": "error_before", "status": 500},
)
TRICKS: Final[tuple[dict[str, object], ...]] = (
    {"drop": True},
    {"hold": True},
    {"duplicate": 5},
    {"reverse": True},
    {"delay_seconds": 8.0},
)
PAUSE_SECONDS: Final = (4.0, 12.0)
TRICK_SECONDS: Final = (5.0, 15.0)
FREEZE_SECONDS: Final = (2.0, 8.0)


@dataclass(frozen=True)
class Blow:
    """One thing that goes wrong."""

    at: float
    """Seconds from the beginning."""
    kind: Kind
    parts: tuple[str, ...] = ()
    """Who is killed or stands still."""
    rule: tuple[tuple[str, object], ...] = ()
    """What Stripe or its events do."""
    seconds: float = 0.0
    """How long it lasts, if it does."""

    def __str__(self) -> str:
        """For the person who watches."""
        details = " ".join([*self.parts, *(f"{name}={value}" for name, value in self.rule)])
        lasting = f" for {self.seconds:.0f} s" if self.seconds else ""
        return f"{self.kind} {details}{lasting}".strip()


def plan(seed: int, seconds: float) -> list[Blow]:
    """Blows for so many seconds; the first half kills whom it likes, the second spares some."""
    dice, found = random.Random(seed), list[Blow]()
    at = dice.uniform(*PAUSE_SECONDS)
    while at < seconds:
        blow = _blow(dice, at, mortal=PARTS if at < seconds / 2 else _unwatched())
        found.append(blow)
        at += blow.seconds + dice.uniform(*PAUSE_SECONDS)
    return found


def _unwatched() -> tuple[str, ...]:
    return tuple(part for part in PARTS if part not in WATCHED)


def _blow(dice: random.Random, at: float, mortal: tuple[str, ...]) -> Blow:
    kind: Kind = dice.choice(["kill", "kill", "freeze", "stripe", "webhooks", "mail"])
    match kind:
        case "kill":
            alone = [(part,) for part in mortal]
            return Blow(at, kind, parts=dice.choice([*alone, *combinations(mortal, 2)]))
        case "freeze":
            part, seconds = dice.choice(FROZEN), dice.uniform(*FREEZE_SECONDS)
            return Blow(at, kind, parts=(part,), seconds=seconds)
        case "stripe":
            rule = {"path": dice.choice(AT_STRIPE), **dice.choice(STRIPE_FAULTS)}
            return Blow(at, kind, rule=tuple(rule.items()))
        case "webhooks":
            trick, seconds = dice.choice(TRICKS), dice.uniform(*TRICK_SECONDS)
            return Blow(at, kind, rule=tuple(trick.items()), seconds=seconds)
        case "mail":
            fault = dice.choice(["error_before", "error_after"])
            return Blow(at, kind, rule=(("kind", fault), ("times", dice.randint(1, 3))))


def strike(system: System, blow: Blow) -> None:
    """Do it, and return when it is over."""
    match blow.kind:
        case "kill":
            system.kill(*blow.parts)
            eventually(lambda: is_well(system), f"the stack is well again after {blow}")
        case "freeze":
            _freeze(system, blow)
        case "stripe":
            rule = dict(blow.rule)
            system.fault(str(rule.pop("path")), str(rule.pop("kind")), **rule)
        case "webhooks":
            _trick(system, dict(blow.rule))
            time.sleep(blow.seconds)
            end_tricks(system)
        case "mail":
            httpx.post(f"{system.mail}/_sim/faults", json=dict(blow.rule)).raise_for_status()


def _freeze(system: System, blow: Blow) -> None:
    """Nothing stands still afterwards, even if somebody has no patience and presses Ctrl-C."""
    for part in blow.parts:
        system.signal(part, signal.SIGSTOP)
    try:
        time.sleep(blow.seconds)
    finally:
        for part in blow.parts:
            system.signal(part, signal.SIGCONT)


def end_tricks(system: System) -> None:
    """Events are delivered as they should be, those that were held included."""
    httpx.post(f"{system.stripe_address}/_sim/webhooks/release").raise_for_status()
    _trick(system, {})


def is_well(system: System) -> bool:
    """Whether everything answers, the simulators too, of which ``/readyz`` knows nothing."""
    simulators = (f"{each}/healthz" for each in (system.stripe_address, system.mail))
    return system.ready() and all(answers(each)() for each in simulators)


def make_peace(system: System) -> None:
    """Nothing goes wrong any more."""
    eventually(lambda: is_well(system), "the stack is well again")
    system.no_more_faults()
    end_tricks(system)
    httpx.delete(f"{system.mail}/_sim/faults").raise_for_status()


def _trick(system: System, mode: dict[str, object]) -> None:
    httpx.post(f"{system.stripe_address}/_sim/webhooks/mode", json=mode).raise_for_status()
