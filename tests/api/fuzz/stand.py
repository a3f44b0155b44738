"""What the searching tests stand on: a market in a thread, people in it, and what they own.

Schemathesis and Hypothesis call synchronously, so that the event loop of the tests stands still
meanwhile; the market has one of its own.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, TypeVar
from uuid import uuid4

import requests
from anyio.from_thread import BlockingPortal, start_blocking_portal
from typing_extensions import TypeVarTuple

from api.operations.schemas import Action
from api.orders.schemas import BillingDraft, OrderDraft, OrderView
from services.auth.accounts import Accounts
from services.auth.documents import LetterKind, Role, Scope, User
from services.auth.passwords import Passwords, PasswordSettings
from services.clock import now
from services.money import Money
from services.operations.documents import Finding, Trouble
from services.operations.store import OperationsStore
from services.tickets.documents import Listing
from services.tickets.store import TicketStore
from tests.api.conftest import PASSWORD
from tests.api.market import BILLING, Market, intent_of, until
from tests.queries import unheard

R = TypeVar("R")
Ts = TypeVarTuple("Ts")

MOMENT: Final = 0.1
"""Seconds in which a request arrives."""
LISTING: Final = Listing(title="Front row", price=Money(amount=16_000, currency="CAD"))


@dataclass(frozen=True)
class Credentials:
    """What a request brings along."""

    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Somebody:
    """A person with a session."""

    user: User
    credentials: Credentials


class Stand:
    """The market as a synchronous test sees it."""

    def __init__(self, portal: BlockingPortal, market: Market) -> None:
        self._portal = portal
        self.market = market
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.answers: Counter[tuple[str, int]] = Counter()
        """How often an operation was answered with a status."""

    def do(self, function: Callable[[*Ts], Awaitable[R]], *args: *Ts) -> R:
        """Call it where the market is, and wait."""
        return self._portal.call(function, *args)

    @property
    def url(self) -> str:
        """Where the API listens."""
        return self.market.url

    @property
    def _accounts(self) -> Accounts:
        accounts: Accounts = self.market.app.state.accounts
        return accounts

    @property
    def _tickets(self) -> TicketStore:
        tickets: TicketStore = self.market.app.state.tickets
        return tickets

    @cached_property
    def password_hash(self) -> str:
        """Of everybody's password, computed once."""
        return self.do(Passwords(PasswordSettings(memory_kib=64, rounds=1)).hash, PASSWORD)

    def somebody(self) -> Somebody:
        """Somebody new."""

        async def arrive() -> Somebody:
            email = f"{uuid4().hex}@example.com"
            user = await self._accounts.users.add(email, password_hash=hashed, at=now())
            return await self._with_session(user)

        hashed = self.password_hash
        return self.do(arrive)

    def operator(self) -> Somebody:
        """Somebody new who is on duty."""

        async def promote() -> None:
            users = self.market.databases.auth["users"]
            await users.update_one({"_id": person.user.id}, {"$set": {"role": Role.OPERATOR}})

        person = self.somebody()
        self.do(promote)
        return person

    def again(self, person: Somebody) -> Somebody:
        """The same person with one session more."""
        return self.do(self._with_session, person.user)

    async def _with_session(self, user: User) -> Somebody:
        signed_in = await self._accounts.begin(user, now(), None)
        return Somebody(user, Credentials(cookies={"session": signed_in.token}))

    def token_of(self, person: Somebody, *scopes: Scope) -> tuple[str, Credentials]:
        """A program of theirs: the id of its token, and what it brings along."""

        async def make() -> tuple[str, Credentials]:
            kept, token = await self._accounts.access.tokens.make(
                person.user, name="program", scopes=scopes, at=now(), expires_at=None
            )
            return kept.public_id, Credentials(headers={"Authorization": f"Bearer {token}"})

        return self.do(make)

    def session_of(self, person: Somebody) -> str:
        """The id of a session of theirs."""

        async def look() -> str:
            sessions = await self._accounts.access.sessions.of_user(person.user, now())
            return sessions[-1].public_id

        return self.do(look)

    def link_of(self, person: Somebody, kind: LetterKind) -> str:
        """What a link carries that has just been mailed to them."""
        return self.do(self._accounts.access.letters.make_link, kind, person.user.id, now())

    def link(self, person: Somebody, provider: str) -> None:
        """Let them sign in with a provider."""

        async def link() -> None:
            await self._accounts.access.identities.link(
                person.user,
                provider=provider,
                issuer=provider,
                subject=person.user.id,
                email=person.user.email,
                at=now(),
            )

        self.do(link)

    def listing_of(self, person: Somebody) -> str:
        """The id of a ticket that they have just put on the market."""
        return self.do(self._list, person)

    def listing_soon_of(self, person: Somebody) -> None:
        """Have them put a ticket on the market in a moment, for whoever watches by then."""

        async def put() -> None:
            await asyncio.sleep(MOMENT)
            await self._list(person)

        self._portal.start_task_soon(put)

    async def _list(self, person: Somebody) -> str:
        return (await self._tickets.create(person.user.id, LISTING, now())).id

    def order_of(self, buyer: Somebody, seller: Somebody) -> OrderView:
        """An order that can be billed and cancelled."""
        draft = OrderDraft(ticket_id=self.listing_of(seller))
        order: OrderView = self.do(self.market.app.state.order_desk.buy, buyer.user, draft, None)
        return order

    def billed_order_of(self, buyer: Somebody, seller: Somebody) -> OrderView:
        """An order that can be paid."""
        order = self.order_of(buyer, seller)
        desk, draft = self.market.app.state.order_desk, BillingDraft.model_validate(BILLING)
        billed: OrderView = self.do(desk.bill, buyer.user, order.id, draft)
        return billed

    def complete_order_of(self, buyer: Somebody, seller: Somebody) -> OrderView:
        """An order that can be refunded."""
        return self.paid(buyer, self.billed_order_of(buyer, seller))

    def paid(self, buyer: Somebody, order: OrderView) -> OrderView:
        """The order once it is paid and complete."""
        self.do(self.market.pay, order.model_dump(mode="json"))
        return self.when(buyer, order, lambda found: found.status == "complete")

    def when(
        self, buyer: Somebody, order: OrderView, ready: Callable[[OrderView], bool]
    ) -> OrderView:
        """The order once it is as wished."""

        async def look() -> OrderView | None:
            found: OrderView = await self.market.app.state.order_desk.get(buyer.user, order.id)
            return found if ready(found) else None

        return self.do(until, look)

    def stuck_order_of(self, buyer: Somebody, seller: Somebody) -> OrderView:
        """An order whose money Stripe does not take for now."""

        async def pay() -> OrderView:
            intent = intent_of(paid)
            await self.market.hooks.fault(
                "error_before",
                f"/v1/payment_intents/{intent}/capture",
                status=503,
                saved=False,
                times=None,
            )
            await self.market.pay(paid)
            return await until(look)

        async def look() -> OrderView | None:
            detail = await self.market.app.state.operator_desk.get(order.id)
            return order if Action.RETRY_CAPTURE in detail.actions else None

        order = self.billed_order_of(buyer, seller)
        paid = order.model_dump(mode="json")
        return self.do(pay)

    def unrefunded_order_of(self, buyer: Somebody, seller: Somebody) -> OrderView:
        """An order whose refund has failed, and waits for a person."""
        order = self.complete_order_of(buyer, seller)
        self.do(self._refuse_refunds, "failed")
        self.do(self.market.app.state.order_desk.refund, buyer.user, order.id)
        failed = self.when(buyer, order, _refund_failed)
        self.do(self._refuse_refunds, None)
        return failed

    async def _refuse_refunds(self, status: str | None) -> None:
        await self.market.hooks.post("/refund_mode", status=status)

    def finding(self) -> str:
        """The id of something that is on the board."""

        async def report() -> str:
            subject = uuid4().hex
            finding: Finding = Finding(
                id=f"{Trouble.ORPHAN_PAYMENT}:{subject}",
                kind=Trouble.ORPHAN_PAYMENT,
                subject=subject,
                detail="Nobody waits for this money.",
                found_at=now(),
                seen_at=now(),
            )
            await OperationsStore().report(finding)
            return finding.id

        return self.do(report)


def _refund_failed(order: OrderView) -> bool:
    return order.refund is not None and order.refund.status == "failed"


@contextmanager
def open_stand(opening: Any) -> Iterator[Stand]:  # noqa: ANN401 - what ``open_market`` gives
    """A stand whose market runs in a thread of its own inside the block."""
    with start_blocking_portal() as portal, ExitStack() as stack:
        with unheard():
            market = stack.enter_context(portal.wrap_async_context_manager(opening))
        yield Stand(portal, market)
