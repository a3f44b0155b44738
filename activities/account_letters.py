"""Letters about accounts, done with Resend and the auth database."""

from typing import NamedTuple

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.gateways.resend import SENT_BEFORE, Mail, ResendGateway
from activities.letters import Letter, write_out
from services.auth.documents import LetterKind, LetterRequest, User
from services.auth.letters import LetterStore
from services.auth.store import AuthStore
from services.clock import now
from workflows.letters.steps import LetterSteps, SendLetter


class Wording(NamedTuple):
    """Subject and template of a letter, and which page its link leads to, if it has one."""

    subject: str
    template: str
    page: str | None


CONFIRM = Wording("Confirm your e-mail address", "confirm_address", "verify")
KNOWN = Wording("You already have an account", "address_known", None)
RESET = Wording("Set a new password", "reset_password", "reset")
LETTERS = (CONFIRM, KNOWN, RESET)


class LetterActivities(LetterSteps):
    """Finds out whom a letter is for, if for anybody, and sends it once."""

    def __init__(self, users: AuthStore, letters: LetterStore, post: ResendGateway) -> None:
        self._users = users
        self._letters = letters
        self._post = post

    @activity.defn
    async def send_letter(self, request: SendLetter) -> None:
        """Send the letter if it is for anybody; a repeat within 24 hours sends nothing twice.

        Each try puts a link of its own into the letter, because of a link only the hash is kept.
        When the first try has got through, Resend knows its key and refuses the second letter:
        then the first is the one that counts.
        """
        asked = await self._letters.get(request.request_id)
        if asked is None or asked.settled_at is not None:
            return
        user = await self._addressee(asked)
        provider_id = await self._send(asked, user) if user else None
        await self._letters.settle(asked.id, provider_id=provider_id, at=now())

    async def _addressee(self, asked: LetterRequest) -> User | None:
        if asked.kind is LetterKind.RESET:
            return await self._users.holder(asked.email) if asked.email else None
        user = await self._users.get_user(asked.user_id) if asked.user_id else None
        return None if user is None or user.email_verified else user

    async def _send(self, asked: LetterRequest, user: User) -> str | None:
        """Always to the address that the account was opened with, however it was typed now."""
        wording = await self._wording(asked, user)
        facts = {"subject": wording.subject, "at": asked.created_at}
        if wording.page is not None:
            token = await self._letters.make_link(asked.kind, user.id, now())
            # After "#" a browser sends nothing, so that the token is in no log.
            facts["link"] = f"{self._post.site}/{wording.page}#token={token}"
        letter = Letter(
            key=f"letter:{asked.id}",
            user_id=user.id,
            subject=wording.subject,
            template=wording.template,
            facts=facts,
        )
        html, text = write_out(letter, site=self._post.site)
        mail = Mail(to=user.email, subject=letter.subject, html=html, text=text)
        try:
            return await self._post.send(mail, key=letter.key)
        except ApplicationError as error:
            if error.type == SENT_BEFORE:
                return None
            raise

    async def _wording(self, asked: LetterRequest, user: User) -> Wording:
        if asked.kind is LetterKind.RESET:
            return RESET
        return KNOWN if await self._users.proven(user.email) else CONFIRM
