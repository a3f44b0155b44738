"""One's own account, put together from what the services keep."""

from datetime import timedelta
from typing import Final

from api.auth.account_schemas import (
    AccountView,
    Export,
    IdentityView,
    NewTokenView,
    SessionView,
    TokenDraft,
    TokenView,
)
from api.auth.schemas import UserView
from api.orders.schemas import OrderView
from api.tickets.schemas import TicketView
from services import security_log
from services.auth.access import Access
from services.auth.accounts import Visit
from services.auth.documents import ApiToken, Session, User
from services.clock import now
from services.orders.documents import Order
from services.orders.store import OrderStore
from services.payments.store import PaymentStore
from services.security_log import Event
from services.tickets.documents import TicketStatus
from services.tickets.search import TicketFilters, TicketSort
from services.tickets.store import TicketStore

PAGE: Final = 100
TOKENS_AT_MOST: Final = 20


class TooManyTokensError(RuntimeError):
    """Whoever has that many tokens has lost track of them."""


class OwnAccount:
    """What somebody sees of their own account."""

    def __init__(
        self, access: Access, tickets: TicketStore, orders: OrderStore, payments: PaymentStore
    ) -> None:
        self._access = access
        self._tickets = tickets
        self._orders = orders
        self._payments = payments

    async def view(self, user: User) -> AccountView:
        """The account and who signs in to it."""
        identities = await self._access.identities.of_user(user)
        return AccountView(
            **UserView.model_validate(user).model_dump(),
            has_password=user.password_hash is not None,
            identities=[IdentityView.model_validate(each) for each in identities],
        )

    async def sessions(self, visit: Visit) -> list[SessionView]:
        """Where it is signed in."""
        found = await self._access.sessions.of_user(visit.user, now())
        return [_session(each, current=each.id == visit.session.id) for each in found]

    async def tokens(self, user: User) -> list[TokenView]:
        """Which programs act for it."""
        return [_token(each) for each in await self._access.tokens.of_user(user, now())]

    async def make_token(self, user: User, draft: TokenDraft) -> NewTokenView:
        """Let a program act for the account; raises ``TooManyTokensError``."""
        at, store = now(), self._access.tokens
        if len(await store.of_user(user, at)) >= TOKENS_AT_MOST:
            raise TooManyTokensError
        life = timedelta(days=draft.expires_in_days) if draft.expires_in_days else None
        kept, token = await store.make(
            user,
            name=draft.name,
            scopes=draft.scopes,
            at=at,
            expires_at=at + life if life else None,
        )
        security_log.record(Event.TOKEN_MADE, user_id=user.id, token_id=kept.public_id)
        return NewTokenView(**_token(kept).model_dump(), token=token)

    async def export(self, visit: Visit) -> Export:
        """All that is kept about the person."""
        security_log.record(Event.DATA_EXPORTED, user_id=visit.user.id)
        return Export(
            account=await self.view(visit.user),
            sessions=await self.sessions(visit),
            tokens=await self.tokens(visit.user),
            tickets=await self._all_tickets(visit.user),
            orders=await self._all_orders(visit.user),
        )

    async def _all_tickets(self, user: User) -> list[TicketView]:
        mine = TicketFilters(seller_ids=user.ids, statuses=tuple(TicketStatus))
        found: list[TicketView] = []
        cursor: str | None = None
        while True:
            page = await self._tickets.search(mine, TicketSort.CREATED, PAGE, cursor)
            found += [TicketView.model_validate(ticket) for ticket in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found

    async def _all_orders(self, user: User) -> list[OrderView]:
        found: list[OrderView] = []
        before = None
        while page := await self._orders.of_buyer(user.ids, limit=PAGE, before=before):
            found += await self._views(page)
            before = (page[-1].created_at, page[-1].id)
        return found

    async def _views(self, orders: list[Order]) -> list[OrderView]:
        """Without the secret that pays an open order: an export is passed on, it is not."""
        payments = await self._payments.of_orders(order.id for order in orders)
        views = [OrderView.of(order, payments.get(order.id)) for order in orders]
        for view in views:
            view.payment.client_secret = None
        return views


def _token(token: ApiToken) -> TokenView:
    """A token, without what it is recognised by."""
    return TokenView(
        id=token.public_id,
        name=token.name,
        scopes=token.scopes,
        created_at=token.created_at,
        last_used_at=token.last_used_at,
        expires_at=token.expires_at,
    )


def _session(session: Session, *, current: bool) -> SessionView:
    return SessionView(
        id=session.public_id,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        expires_at=session.expires_at,
        user_agent=session.user_agent,
        current=current,
    )
