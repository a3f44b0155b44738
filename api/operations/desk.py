"""What is behind the operators' routes: read from the stores, act through Temporal."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from api.operations.detail import Details
from api.operations.schemas import (
    Action,
    Board,
    ExtensionDraft,
    PersonFound,
    PurchaseDetail,
    PurchaseFilter,
    PurchasePage,
    PurchaseQuery,
    PurchaseView,
)
from api.operations.sheet import header, row
from api.operations.views import finding_view, last_check, purchase_view
from services import security_log
from services.auth.documents import User
from services.auth.store import AuthStore
from services.clock import now
from services.operations.store import OperationsStore
from services.orders.documents import Order
from services.orders.search import Found, OrderFilter, OrderSearch
from services.orders.store import OrderStore
from services.security_log import Event
from temporal.calls import NobodyAnsweredError, TooLateError
from temporal.operations.actions import Operations, Steering

ROWS_AT_ONCE: Final = 500
SHOWN_FOR: Final = timedelta(hours=24)
"""How long the board tells what was put right by itself."""
"""Of a table: how many orders are in memory."""


class PurchaseNotFoundError(LookupError):
    """There is no such order."""


class FindingNotOpenError(LookupError):
    """There is no such finding, or somebody has dealt with it."""


class OperatorDesk:
    """Shows every purchase and steers it, for whoever is known to be an operator."""

    def __init__(
        self,
        orders: OrderStore,
        findings: OperationsStore,
        people: AuthStore,
        details: Details,
        operations: Operations,
    ) -> None:
        self._orders = orders
        self._search = OrderSearch()
        self._findings = findings
        self._people = people
        self._details = details
        self._operations = operations

    async def page(self, query: PurchaseQuery) -> PurchasePage:
        """Some purchases, in the list's order."""
        found = await self._search.page(_wanted(query), limit=query.limit, cursor=query.cursor)
        return PurchasePage(items=await self._views(found), next_cursor=found.next_cursor)

    async def table(self, operator: User, wanted: PurchaseFilter) -> AsyncIterator[str]:
        """The same purchases as lines of a table, all of them.

        The first are read at once: what is away then can still be told.
        """
        first = await self._search.page(_wanted(wanted), limit=ROWS_AT_ONCE)
        security_log.record(Event.PURCHASES_EXPORTED, user_id=operator.id)
        return self._lines(wanted, first)

    async def find_person(self, operator: User, email: str) -> PersonFound:
        """The ids behind an address: its owner's, or of those who can sign in under it."""
        security_log.record(Event.PERSON_LOOKED_UP, user_id=operator.id)
        found = (await self._people.holder(email), await self._people.latest(email))
        accounts = found[:1] if found[0] and found[0].email_verified else found
        ids = [each for account in accounts if account for each in account.ids]
        return PersonFound(user_ids=list(dict.fromkeys(ids)))

    async def get(self, order_id: str) -> PurchaseDetail:
        """Everything about one purchase."""
        return await self._details.of(await self._order(order_id))

    async def extend(self, operator: User, order_id: str, draft: ExtensionDraft) -> PurchaseDetail:
        """Give the buyer more time."""
        await self._order(order_id)
        with _told(operator, order_id, Action.EXTEND):
            await self._operations.extend(
                order_id,
                timedelta(seconds=draft.seconds),
                _steering(operator, draft.reason),
                seen=draft.expires_at,
            )
        return await self.get(order_id)

    async def cancel(self, operator: User, order_id: str, reason: str) -> PurchaseDetail:
        """End the purchase."""
        await self._order(order_id)
        with _told(operator, order_id, Action.CANCEL):
            await self._operations.cancel(order_id, _steering(operator, reason))
        return await self.get(order_id)

    async def retry_capture(self, operator: User, order_id: str, reason: str) -> PurchaseDetail:
        """Have Stripe asked again now."""
        await self._order(order_id)
        with _told(operator, order_id, Action.RETRY_CAPTURE):
            await self._operations.retry_capture(order_id, _steering(operator, reason))
        return await self.get(order_id)

    async def refund(self, operator: User, order_id: str, reason: str) -> PurchaseDetail:
        """Give the money back, or try again to."""
        order = await self._order(order_id)
        with _told(operator, order_id, Action.REFUND):
            await self._operations.refund(order_id, order.ticket_id, _steering(operator, reason))
        return await self.get(order_id)

    async def settle_refund(self, operator: User, order_id: str, reason: str) -> PurchaseDetail:
        """The money went back by other means."""
        await self._order(order_id)
        with _told(operator, order_id, Action.SETTLE_REFUND):
            await self._operations.settle_refund(order_id, _steering(operator, reason))
        return await self.get(order_id)

    async def check(self, operator: User, order_id: str) -> PurchaseDetail:
        """Everything about one purchase, once it has been checked."""
        await self._order(order_id)
        with _told(operator, order_id, "check"):
            await self._operations.check(order_id)
        return await self.get(order_id)

    async def board(self) -> Board:
        """What needs a person, and when was checked last."""
        return Board(
            findings=[finding_view(finding) for finding in await self._findings.board()],
            healed=[
                finding_view(finding)
                for finding in await self._findings.healed(since=now() - SHOWN_FOR)
            ],
            last_check=last_check(await self._findings.last_run()),
        )

    async def dismiss(self, operator: User, finding_id: str, reason: str) -> None:
        """Somebody has dealt with it."""
        if not await self._findings.dismiss(finding_id, by=operator.id, why=reason, at=now()):
            raise FindingNotOpenError
        security_log.record(Event.FINDING_DISMISSED, user_id=operator.id, finding_id=finding_id)

    async def reconcile(self, operator: User) -> None:
        """Check everything now."""
        with _told(operator, None, "reconcile"):
            await self._operations.reconcile()

    async def _order(self, order_id: str) -> Order:
        order = await self._orders.get(order_id)
        if order is None:
            raise PurchaseNotFoundError
        return order

    async def _views(self, found: Found) -> list[PurchaseView]:
        findings = await self._findings.of_orders([order.id for order in found.orders])
        about = [finding.order_id for finding in findings]
        return [purchase_view(order, about.count(order.id)) for order in found.orders]

    async def _lines(self, wanted: PurchaseFilter, found: Found) -> AsyncIterator[str]:
        yield header()
        while True:
            for purchase in await self._views(found):
                yield row(purchase)
            if found.next_cursor is None:
                return
            found = await self._search.page(
                _wanted(wanted), limit=ROWS_AT_ONCE, cursor=found.next_cursor
            )


def _wanted(query: PurchaseFilter) -> OrderFilter:
    return OrderFilter(query.state.statuses, query.search)


def _steering(operator: User, reason: str) -> Steering:
    return Steering(actor=operator.id, why=reason)


@contextmanager
def _told(operator: User, order_id: str | None, action: str) -> Iterator[None]:
    """Whatever comes of it, the security log tells who asked for what; never why."""
    outcome = "failed"
    try:
        yield
        outcome = "done"
    except NobodyAnsweredError:
        outcome = "unanswered"  # it may still happen
        raise
    except TooLateError:
        outcome = "refused"
        raise
    finally:
        security_log.record(
            Event.OPERATOR_ACTED,
            user_id=operator.id,
            action=action,
            order_id=order_id,
            outcome=outcome,
        )
