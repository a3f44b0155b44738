"""What buyers do here, and what must hold when all of them are done."""

from collections.abc import Iterable
from contextlib import suppress

import pytest

from tests.api.market import Json, Market, Person, until
from tests.faults.books import closed_books_of


class Purchase:
    """One buyer, one ticket, one order."""

    def __init__(self, market: Market, buyer: Person, order: Json) -> None:
        self.market = market
        self.buyer = buyer
        self.order = order
        """As it was when it was made."""

    @classmethod
    async def reserved(cls, market: Market) -> "Purchase":
        """By somebody new, from somebody new: each sells once, and is written to once."""
        seller, buyer = await market.person(), await market.person()
        return cls(market, buyer, await buyer.buys(await seller.lists()))

    @classmethod
    async def billed(cls, market: Market) -> "Purchase":
        """Ready to be paid."""
        purchase = await cls.reserved(market)
        await purchase.bills()
        return purchase

    @classmethod
    async def paid(cls, market: Market) -> "Purchase":
        """Complete."""
        purchase = await cls.billed(market)
        await purchase.pays()
        await purchase.is_in("complete")
        return purchase

    async def bills(self) -> None:
        """Send the address; back when the order can be paid."""
        await self.buyer.tries_billing(self.order)
        self.order = await self.is_in("awaiting_payment")

    async def pays(self) -> None:
        """With a good card."""
        await self.market.pay(self.order)

    async def is_in(self, status: str) -> Json:
        """The order once it is there."""
        return await self.buyer.when_it_is(self.order, status)

    async def now(self) -> Json:
        """The order as it is."""
        return await self.buyer.order(self.order)

    async def told(self) -> list[str]:
        """Its story."""
        return [each["what"] for each in (await self.now())["timeline"]]


async def payments_of(market: Market, order: Json) -> list[str]:
    """Ids of all PaymentIntents that Stripe has for an order."""
    page = await market.stripe.v1.payment_intents.list_async({"limit": 100})
    return [
        each.id
        for each in page.data
        if each.metadata and each.metadata.to_dict().get("order_id") == order["id"]
    ]


async def all_is_well(market: Market, purchases: Iterable[Purchase]) -> None:
    """The books agree in the end, and nobody was asked to pay twice."""

    async def agreed() -> bool:
        return not await closed_books_of(market)

    with suppress(AssertionError):
        await until(agreed)
    if wrong := await closed_books_of(market):
        pytest.fail("\n".join(wrong))
    for each in purchases:
        assert len(await payments_of(market, each.order)) <= 1
