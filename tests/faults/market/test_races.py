"""Pay, cancel, refund and the deadline at one instant, in every order of arrival."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import permutations
from typing import Final

import pytest
import stripe

from services.clock import now
from tests.api.market import Market
from tests.faults.market.people import Purchase, all_is_well

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

MOVES: Final = ("pay", "cancel", "refund", "deadline")
ORDERS: Final = list(permutations(MOVES))
WINDOW: Final = timedelta(seconds=20)
REFUND_CLICKS: Final = 10
"""A refund is asked for again while there is nothing to refund yet."""


async def pay(purchase: Purchase) -> None:
    try:
        await purchase.pays()
    except stripe.InvalidRequestError as late:
        assert late.code == "payment_intent_unexpected_state"  # noqa: PT017 - most are in time


async def cancel(purchase: Purchase) -> None:
    answer = await purchase.buyer.tries("cancel", purchase.order)
    assert answer.status_code in (200, 409)


async def refund(purchase: Purchase) -> None:
    for _ in range(REFUND_CLICKS):
        answer = await purchase.buyer.tries("refund", purchase.order)
        if answer.status_code != 409:
            assert answer.status_code == 202
            return
        await asyncio.sleep(0.05)


async def deadline(purchase: Purchase) -> None:
    """It comes by itself."""


Move = Callable[[Purchase], Awaitable[None]]
BY_NAME: Final[dict[str, Move]] = {
    "pay": pay,
    "cancel": cancel,
    "refund": refund,
    "deadline": deadline,
}


async def arrive(purchase: Purchase, order: tuple[str, ...], apart: timedelta) -> None:
    """All four in this order, so far apart, with the deadline where it is."""
    ends = datetime.fromisoformat(purchase.order["expires_at"])
    moves = []
    for place, name in enumerate(order):
        at = ends + (place - order.index("deadline")) * apart
        moves.append(_at(at, BY_NAME[name], purchase))
    await asyncio.gather(*moves)


async def _at(moment: datetime, move: Move, purchase: Purchase) -> None:
    await asyncio.sleep(max(0.0, (moment - now()).total_seconds()))
    await move(purchase)


@pytest.mark.parametrize("apart_ms", [0, 40, 400])
async def test_in_whatever_order_they_arrive_there_is_one_outcome(
    market: Market, apart_ms: int
) -> None:
    with market.desk(window=WINDOW):
        purchases = [await Purchase.billed(market) for _ in ORDERS]
    assert now() < datetime.fromisoformat(purchases[0].order["expires_at"]) - timedelta(seconds=3)
    await asyncio.gather(
        *(
            arrive(purchase, order, timedelta(milliseconds=apart_ms))
            for purchase, order in zip(purchases, ORDERS, strict=True)
        )
    )

    await all_is_well(market, purchases)
    for purchase in purchases:
        told = await purchase.told()
        ends = [what for what in told if what == "complete" or what.startswith("cancelled")]
        assert len(ends) == 1, told
        assert told.count("refunded") == (await purchase.now())["status"].count("refunded")
