"""What every shape of the purchase looks like to those who buy in it and to who strikes it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx

from bench.others.evidence import Evidence

Json = dict[str, Any]
AGAIN_SECONDS: Final = 0.2
PATIENCE_SECONDS: Final = 60
PASSING: Final = frozenset({502, 503, 504})
CARD: Final = "pm_card_visa"


@dataclass(frozen=True)
class Wish:
    """Somebody who wants a ticket; nobody wishes twice."""

    ticket_id: str
    buyer: str
    """A name; in ours the session of somebody."""
    key: str
    """What their browser calls the click by, for a shape that listens to it."""


@dataclass(frozen=True)
class Order:
    """What a click has come to."""

    order_id: str
    wish: Wish
    secret: str = ""
    """What the browser pays with, in a shape in which it pays at Stripe."""


class Shape(ABC):
    """A shop that can be bought from, measured and struck."""

    name: str
    database: str
    """Where its collection ``orders`` is."""

    @abstractmethod
    async def pids(self) -> Mapping[str, int]:
        """Its processes right now, with the servers that it shares, by name."""

    @abstractmethod
    async def wishes(self, count: int) -> list[Wish]:
        """Put tickets on the market, each with a buyer of its own."""

    @abstractmethod
    async def click(self, wish: Wish) -> Order | None:
        """The request that reserves, repeated until it is answered; None when it is refused."""

    @abstractmethod
    async def pay(self, order: Order) -> bool:
        """The request that pays, repeated until it is answered; False when it is refused."""

    @abstractmethod
    async def ended(self, order: Order) -> None:
        """Returns when the purchase is over, as far as somebody can wait for it."""

    @abstractmethod
    async def transitions(self, order: Order) -> int | None:
        """What the ended purchase has cost Temporal; None where there is none."""

    @abstractmethod
    async def put_off(self) -> int:
        """Jobs that are due and not done, for which no buyer waits."""

    @abstractmethod
    async def busy(self) -> int:
        """Purchases or jobs that go on by themselves."""

    @abstractmethod
    async def prepare_for_blows(self) -> None:
        """Let holds be short from now on, and remember what is in the books already."""

    @abstractmethod
    async def strike(self, part: str) -> None:
        """``kill -9`` its ``api`` or ``worker``; it comes back by itself."""

    @abstractmethod
    async def evidence(self, wishes: Collection[Wish]) -> Evidence:
        """What is written of these people and of all payments since the preparation."""


async def insistent(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    json: Mapping[str, Any] | None = None,
    data: Mapping[str, str] | None = None,
) -> httpx.Response:
    """The same request until it is answered, as a browser or a proxy repeats it.

    Raises ``TimeoutError`` after a minute.
    """
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                answer = await http.request(method, url, headers=headers, json=json, data=data)
            except httpx.TransportError:
                pass
            else:
                if answer.status_code not in PASSING:
                    return answer
            await asyncio.sleep(AGAIN_SECONDS)


def created(answer: httpx.Response) -> bool:
    """Whether it was granted."""
    return answer.status_code in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED}
