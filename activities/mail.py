"""The mail step, done with Resend and the sent-log of the orders database."""

import asyncio

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.gateways.resend import Mail, ResendGateway
from activities.letters import Letter, letters, write_out
from services.auth.store import AuthStore
from services.clock import now
from services.operations.documents import Finding, Trouble
from services.operations.store import OperationsStore
from services.orders.documents import SentMail
from services.orders.store import OrderStore
from workflows.mail_steps import MailSteps, SendMail

log = structlog.get_logger("activities.mail")


class MailActivities(MailSteps):
    """Writes to buyer and seller, each letter once."""

    def __init__(
        self, orders: OrderStore, people: AuthStore, post: ResendGateway, board: OperationsStore
    ) -> None:
        self._orders = orders
        self._people = people
        self._post = post
        self._board = board

    @activity.defn
    async def send_mail(self, request: SendMail) -> None:
        """Send what has not been sent yet; a repeat within 24 hours sends nothing twice.

        The sent-log keeps a repeat from sending again. After a crash between sending and logging,
        Resend recognises the key and the content, which is a pure function of the order.
        """
        order = await self._orders.get(request.order_id)
        if order is None:
            return
        # One address that Resend refuses must not keep the other person's letter back.
        outcomes = await asyncio.gather(
            *(self._send_once(letter, order.id) for letter in letters(order, request.reason)),
            return_exceptions=True,
        )
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            raise min(failures, key=_is_final)

    @activity.defn
    async def report_unsent(self, request: SendMail) -> None:
        """Put it on the board, once; it is gone from there when the mail has been sent after all.

        Safe to repeat: the finding's id is the order's.
        """
        at = now()
        is_new = await self._board.report(
            Finding(
                id=f"{Trouble.MAIL_GIVEN_UP}:{request.order_id}",
                kind=Trouble.MAIL_GIVEN_UP,
                subject=request.order_id,
                detail=f"The mail that order {request.order_id} is {request.reason} was given up.",
                order_id=request.order_id,
                found_at=at,
                seen_at=at,
            )
        )
        if is_new:
            log.error("mail_given_up", order_id=request.order_id, reason=request.reason)

    async def _send_once(self, letter: Letter, order_id: str) -> None:
        if await self._orders.mail_was_sent(letter.key):
            return
        person = await self._people.person(letter.user_id)
        if person is None:
            return
        html, text = write_out(letter, site=self._post.site)
        mail = Mail(to=person.email, subject=letter.subject, html=html, text=text)
        provider_id = await self._post.send(mail, key=letter.key)
        await self._orders.log_mail(
            SentMail(id=letter.key, order_id=order_id, provider_id=provider_id, sent_at=now())
        )


def _is_final(failure: BaseException) -> bool:
    """An outage is reported before a refusal, so that the step is tried again."""
    return isinstance(failure, ApplicationError) and failure.non_retryable
