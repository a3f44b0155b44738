"""People, Stripe and time, in whatever order Hypothesis comes up with.

Workers do not come and go here: Temporal's test server hands tasks to those that have gone. What
happens then is for ``test_crashes``, ``test_kills`` and ``test_frozen_worker``.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

import stripe
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from tests.api.market import BILLING, Json, Market, Person, until
from tests.faults.books import closed_books_of
from tests.faults.machine.always import broken
from tests.faults.machine.clocks import Clocks

Answer = TypeVar("Answer")

REST = timedelta(minutes=40)
"""Longer than a hold that an operator has extended once."""
ROUNDS_OF_REST = 3
EXPECTED = {200, 201, 202, 204, 409, 503}
"""503 where Stripe did not answer at once."""


@dataclass
class Deal:
    """One click of one buyer, and what came of it."""

    buyer: Person
    ticket: Json
    billing: Json | None
    key: str
    order: Json | None


class MarketMachine(RuleBasedStateMachine):
    """The rules are what can happen; whatever happens, what must hold holds."""

    runner: ClassVar[asyncio.Runner]
    open_market: ClassVar[Callable[[], AbstractAsyncContextManager[Clocks]]]
    """Each story has a market of its own: what one leaves behind is not in another's way."""
    tickets = Bundle("tickets")
    deals = Bundle("deals")

    def __init__(self) -> None:
        super().__init__()
        self.sellers: set[str] = set()
        self.closing = AsyncExitStack()

    def run(self, doing: Coroutine[Any, Any, Answer]) -> Answer:
        """Until it is done; everything else stands still in between."""
        return self.runner.run(doing)

    @initialize()
    def opens(self) -> None:
        """Nobody is there, and nothing is out of the ordinary."""
        self.clocks = self.run(self.closing.enter_async_context(type(self).open_market()))
        self.market: Market = self.clocks.market
        self.operator = self.run(self._an_operator())

    @rule(target=tickets)
    def somebody_lists_a_ticket(self) -> Json:
        """By a seller of its own."""

        async def listed() -> Json:
            seller = await self.market.person()
            self.sellers.add(seller.email)
            return {**await seller.lists(), "seller": seller}

        return self.run(listed())

    @rule(ticket=tickets, cents=st.integers(100, 50_000))
    def its_seller_changes_the_price(self, ticket: Json, cents: int) -> None:
        """Which is refused while it is reserved or sold."""
        draft = {"title": ticket["title"], "price": {"amount": cents, "currency": "CAD"}}
        address = f"/api/tickets/{ticket['id']}"
        answer = self.run(ticket["seller"].http.put(address, json=draft))
        assert answer.status_code in EXPECTED, answer.text

    @rule(target=deals, ticket=tickets, billing=st.sampled_from([BILLING, None]))
    def somebody_clicks(self, ticket: Json, billing: Json | None) -> Deal:
        """Somebody new, once, with the address or without."""
        buyer, key = self.run(self.market.person()), str(uuid4())
        deal = Deal(buyer, ticket, billing, key, None)
        self._click(deal)
        return deal

    @rule(deal=deals)
    def the_click_is_sent_again(self, deal: Deal) -> None:
        """With the same key: it is the same order."""
        first = deal.order
        self._click(deal)
        assert first is None or deal.order is None or deal.order["id"] == first["id"]

    @rule(deal=deals)
    def the_address_is_sent(self, deal: Deal) -> None:
        """From then on it can be paid."""
        if deal.order is not None:
            self._answered(self.run(deal.buyer.tries_billing(deal.order)))

    @rule(
        deal=deals,
        card=st.sampled_from(
            ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_threeDSecure2Required"]
        ),
    )
    def it_is_paid(self, deal: Deal, card: str) -> None:
        """Or tried to, with a client secret of whatever age."""

        async def pay() -> None:
            if deal.order is None:
                return
            now = await deal.buyer.order(deal.order)
            if now["payment"]["client_secret"]:
                deal.order = now
            if not deal.order["payment"]["client_secret"]:
                return
            try:
                await self.market.pay(deal.order, card=card)
            except stripe.StripeError:
                return  # declined, or too late

        self.run(pay())

    @rule(deal=deals, what=st.sampled_from(["cancel", "refund"]))
    def the_buyer_wants_out(self, deal: Deal, what: str) -> None:
        """Allowed or not."""
        if deal.order is not None:
            self._answered(self.run(deal.buyer.tries(what, deal.order)))

    @rule(deal=deals, what=st.sampled_from(["cancel", "extend", "refund"]))
    def an_operator_steps_in(self, deal: Deal, what: str) -> None:
        """Allowed or not."""

        async def act(made: Json) -> Any:  # noqa: ANN401 - an answer of httpx
            order = await deal.buyer.order(made)
            more = {"seconds": 300, "expires_at": order["expires_at"]} if what == "extend" else {}
            address = f"/api/operations/purchases/{order['id']}/{what}"
            return await self.operator.http.post(address, json={"reason": "a test", **more})

        if deal.order is not None:
            self._answered(self.run(act(deal.order)))

    @rule(minutes=st.sampled_from([0.5, 2, 5, 16]))
    def time_passes(self, minutes: float) -> None:
        """For everybody."""
        self.run(self.clocks.move(timedelta(minutes=minutes)))

    @rule(seconds=st.sampled_from([0.05, 0.5]))
    def everybody_takes_a_breath(self, seconds: float) -> None:
        """What is under way gets a little further."""
        self.run(asyncio.sleep(seconds))

    @rule(
        mode=st.sampled_from(
            [{}, {"drop": True}, {"hold": True}, {"duplicate": 3}, {"reverse": True}]
        )
    )
    def events_are_delivered_like_this(self, mode: Json) -> None:
        """From now on."""
        self.run(self.market.hooks.post("/webhooks/mode", **mode))

    @rule()
    def held_events_are_released(self) -> None:
        """However late."""
        self.run(self.market.hooks.post("/webhooks/release"))

    @rule(
        path=st.sampled_from(
            ["/v1/payment_intents", "/v1/payment_intents/*/capture", "/v1/refunds"]
        ),
        kind=st.sampled_from(["disconnect_before", "disconnect_after", "error_after"]),
    )
    def a_call_to_stripe_goes_wrong(self, path: str, kind: str) -> None:
        """The next one of this kind, before or after its effect."""
        self.run(self.market.hooks.fault(kind, path))

    @invariant()
    def nothing_is_broken(self) -> None:
        """At any moment."""
        wrong = self.run(broken(self.market))
        assert not wrong, wrong

    def teardown(self) -> None:
        """Peace, and time enough: everything ends, and the books agree."""
        try:
            if hasattr(self, "operator"):
                self.run(self._rest())
                self.run(self.market.tidy())
        finally:
            self.run(self.closing.aclose())

    async def _rest(self) -> None:
        await self.market.hooks.post("/webhooks/release")
        await self.market.hooks.post("/webhooks/mode")
        for _ in range(ROUNDS_OF_REST):
            await self.clocks.move(REST)
        found: list[str] = []

        async def agreed() -> bool:
            found[:] = await self._disagreements()
            return not found

        try:
            await until(agreed)
        except AssertionError:
            raise AssertionError("\n".join(found)) from None

    async def _disagreements(self) -> list[str]:
        """Sellers whose ticket came back and was sold again are written to again."""
        found = await closed_books_of(self.market)
        return [each for each in found if each.split()[0] not in self.sellers]

    async def _an_operator(self) -> Person:
        operator = await self.market.person()
        await self.market.put_on_duty(operator)
        return operator

    def _click(self, deal: Deal) -> None:
        answer = self.run(deal.buyer.asks_for(deal.ticket, billing=deal.billing, key=deal.key))
        self._answered(answer)
        if answer.status_code == 201:
            deal.order = answer.json()

    def _answered(self, answer: Any) -> None:  # noqa: ANN401 - of httpx
        assert answer.status_code in EXPECTED, answer.text
