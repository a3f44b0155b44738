"""What is behind the account routes: act in the auth database, have the rest done by workflows."""

from datetime import timedelta
from typing import Final

import structlog

from services import security_log
from services.auth.accounts import Accounts, NoPasswordError, SignedIn, Visit
from services.auth.documents import LetterKind, User
from services.clock import now
from services.orders.store import OrderStore
from services.security_log import Event
from temporal.accounts import AccountWorkflows
from temporal.calls import NobodyAnsweredError

FRESH: Final = timedelta(minutes=10)
"""How old a session may be that closes an account which has no password to ask for."""

log = structlog.get_logger("api.accounts")


class OpenOrdersError(RuntimeError):
    """Somebody who still has to pay or to cancel cannot leave."""


class StaleSessionError(PermissionError):
    """It was too long ago that this person showed who they are."""


class AccountDesk:
    """Opens and closes accounts and sees to the letters about them."""

    def __init__(self, accounts: Accounts, orders: OrderStore, workflows: AccountWorkflows) -> None:
        self._accounts = accounts
        self._orders = orders
        self._workflows = workflows

    async def register(self, email: str, password: str, user_agent: str | None) -> SignedIn:
        """Open an account and have its address confirmed.

        An account without its letter is better than none: the letter can be asked for again.
        """
        signed_in = await self._accounts.register(email, password, now(), user_agent)
        try:
            await self.send_verification(signed_in.user)
        except NobodyAnsweredError:
            log.warning("letter_not_started", user_id=signed_in.user.id)
        return signed_in

    async def send_verification(self, user: User) -> None:
        """Write to the account's address, with a link that proves it."""
        request_id = await self._accounts.ask_for_letter(LetterKind.VERIFY, now(), user_id=user.id)
        await self._workflows.send_letter(request_id)

    async def send_reset(self, email: str) -> None:
        """Write to the address if it has an account; here that is neither known nor looked up."""
        request_id = await self._accounts.ask_for_letter(LetterKind.RESET, now(), email=email)
        await self._workflows.send_letter(request_id)
        security_log.record(Event.PASSWORD_RESET_ASKED, letter_id=request_id)

    async def close(self, visit: Visit, password: str | None) -> None:
        """Close the account of somebody who has shown once more who they are.

        Raises ``WrongPasswordError``, ``StaleSessionError`` or ``OpenOrdersError``.
        """
        try:
            await self._accounts.check_password(visit.user, password or "")
        except NoPasswordError:
            if now() - visit.session.created_at > FRESH:
                raise StaleSessionError from None
        if await self._orders.has_open(visit.user.ids):
            raise OpenOrdersError
        await self._workflows.close(visit.user.id, visit.user.absorbed)
        security_log.record(Event.ACCOUNT_CLOSED, user_id=visit.user.id)
