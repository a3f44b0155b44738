"""Opening an account, signing in and out, and proving that an address is one's own."""

from dataclasses import dataclass
from datetime import datetime

from services.auth.access import Access
from services.auth.documents import ApiToken, LetterKind, LetterRequest, Scope, Session, User
from services.auth.passwords import Passwords
from services.auth.store import AddressProvenError, AuthStore
from services.security_log import Event, record


class WrongCredentialsError(PermissionError):
    """Unknown address or wrong password: which of the two is nobody's business."""


class WrongPasswordError(PermissionError):
    """The password that must be given once more is wrong."""


class NoPasswordError(RuntimeError):
    """This account is signed in to with a provider only."""


class BrokenLinkError(ValueError):
    """The link was used, is too old, or was never ours."""


class ProofNeededError(PermissionError):
    """A link alone shows who reads the mail, not who chose the password of the account."""


@dataclass(frozen=True)
class SignedIn:
    """A user and the token of the session that has just begun."""

    user: User
    token: str


@dataclass(frozen=True)
class Visit:
    """A user and the session that they came with."""

    user: User
    session: Session


@dataclass(frozen=True)
class Errand:
    """A user and the API token of the program that acts for them."""

    user: User
    token: ApiToken

    def may(self, scope: Scope) -> bool:
        """Whether the token allows this."""
        return scope in self.token.scopes


class Accounts:
    """What people do with their accounts."""

    def __init__(self, passwords: Passwords) -> None:
        self.users = AuthStore()
        self.access = Access()
        self._passwords = passwords

    async def register(
        self, email: str, password: str, at: datetime, user_agent: str | None = None
    ) -> SignedIn:
        """Open an account and sign in. Whether there are others under the address never shows."""
        password_hash = await self._passwords.hash(password)
        user = await self.users.add(email, password_hash=password_hash, at=at)
        record(Event.REGISTERED, user_id=user.id)
        return await self.begin(user, at, user_agent)

    async def sign_in(
        self, email: str, password: str, at: datetime, user_agent: str | None = None
    ) -> SignedIn:
        """Begin a session; raises ``WrongCredentialsError``, after the same time either way.

        Under an unproven address there may be several accounts. The one that holds the address and
        the latest can be signed in to; the others by proving the address.
        """
        accounts = (await self.users.holder(email), await self.users.latest(email))
        match = await self._passwords.match(
            password, [account.password_hash if account else None for account in accounts]
        )
        user = accounts[match.index] if match else None
        if user is None or match is None or user.password_hash is None:
            record(Event.SIGN_IN_FAILED, user_id=accounts[0].id if accounts[0] else None)
            raise WrongCredentialsError("The e-mail address or the password is wrong.")
        if match.renewed:
            await self.users.rehash(user.id, old_hash=user.password_hash, new_hash=match.renewed)
        return await self.begin(user, at, user_agent)

    async def begin(
        self, user: User, at: datetime, user_agent: str | None, *, provider: str | None = None
    ) -> SignedIn:
        """Open a session of somebody who has shown who they are, here or to a provider."""
        token = await self.access.sessions.open(user, at, user_agent)
        record(Event.SIGNED_IN, user_id=user.id, provider=provider)
        return SignedIn(user, token)

    async def sign_out(self, token: str | None) -> None:
        """End the session, if there is one. Repeating is safe."""
        if token is not None and (user_id := await self.access.sessions.close(token)):
            record(Event.SIGNED_OUT, user_id=user_id)

    async def visit(self, token: str, at: datetime) -> Visit | None:
        """Who came with this session's token, or None if it is over or never was one."""
        found = await self.access.sessions.find(token, at)
        if found is None:
            return None
        session, user = found
        return Visit(user, session) if session.epoch == user.session_epoch else None

    async def errand(self, token: str, at: datetime) -> Errand | None:
        """For whom a program came with this API token, or None if it is over or never was one."""
        kept = await self.access.tokens.find(token, at)
        user = await self.users.get_user(kept.user_id) if kept else None
        if kept is None or user is None or kept.epoch != user.trust_epoch:
            return None
        return Errand(user, kept)

    async def check_password(self, user: User, password: str) -> str:
        """The hash that the user's password fits.

        Raises ``NoPasswordError`` or ``WrongPasswordError``.
        """
        if user.password_hash is None:
            raise NoPasswordError
        if await self._passwords.match(password, [user.password_hash]) is None:
            raise WrongPasswordError
        return user.password_hash

    async def change_password(
        self, visit: Visit, current: str, password: str, at: datetime
    ) -> SignedIn:
        """Set another password: every session ends, and a new one begins here.

        Raises ``NoPasswordError`` or ``WrongPasswordError``.
        """
        old_hash = await self.check_password(visit.user, current)
        new_hash = await self._passwords.hash(password)
        user = await self.users.change_password(visit.user.id, old_hash=old_hash, new_hash=new_hash)
        if user is None:
            raise WrongPasswordError
        record(Event.PASSWORD_CHANGED, user_id=user.id)
        await self.access.sessions.close_all(user.id)
        await self.access.letters.forget(user.id)
        return await self.begin(user, at, visit.session.user_agent)

    async def reset_password(
        self, token: str, password: str, at: datetime, user_agent: str | None = None
    ) -> SignedIn:
        """Set a password with a link from the mail; whatever gave access before is void.

        Raises ``BrokenLinkError``.
        """
        return await self._take_over(LetterKind.RESET, token, password, at, user_agent)

    async def confirm_address(
        self,
        token: str,
        visitor: User | None,
        password: str | None,
        at: datetime,
        user_agent: str | None = None,
    ) -> SignedIn | User:
        """Prove the address with a link from the mail.

        Whoever is signed in to the account is known to have chosen its password. Anybody else must
        choose a new one (``ProofNeededError``): the account may have been opened by a stranger who
        hopes that its owner will confirm it. Raises ``BrokenLinkError``.
        """
        link = await self.access.letters.peek(LetterKind.VERIFY, token, at)
        if link is None:
            raise BrokenLinkError
        if visitor is None or visitor.id != link.user_id:
            if password is None:
                raise ProofNeededError
            return await self._take_over(LetterKind.VERIFY, token, password, at, user_agent)
        user_id = await self._used(LetterKind.VERIFY, token, at)
        return await self.prove(user_id)

    async def prove(self, user_id: str, *, password_hash: str | None = None) -> User:
        """Make the address this account's own, and this account its only one.

        Raises ``BrokenLinkError`` when another account has proven it. Repeating is safe, and
        completes what a crash has left half done.
        """
        user = await self.users.get_user(user_id)
        rivals = await self.users.rivals(user) if user else []
        try:
            proven = await self.users.prove(
                user_id,
                absorbing=[rival.id for rival in rivals],
                password_hash=password_hash,
            )
        except AddressProvenError:
            raise BrokenLinkError from None
        if proven is None:
            raise BrokenLinkError
        for rival in rivals:
            await self.users.absorb(rival.id, by=proven.id)
            await self.access.close(rival.id)
        if rivals or not (user and user.email_verified):
            record(Event.EMAIL_VERIFIED, user_id=proven.id, absorbed=len(rivals))
        return proven

    async def _take_over(
        self, kind: LetterKind, token: str, password: str, at: datetime, user_agent: str | None
    ) -> SignedIn:
        """Give the account to whoever reads the mail of its address.

        Sessions, API tokens and identities from before are void in the very write that sets the
        password; clearing them away is only tidiness.
        """
        if await self.access.letters.peek(kind, token, at) is None:
            raise BrokenLinkError
        password_hash = await self._passwords.hash(password)
        user_id = await self._used(kind, token, at)
        user = await self.prove(user_id, password_hash=password_hash)
        record(Event.PASSWORD_RESET_DONE, user_id=user.id)
        await self.access.close(user.id)
        return await self.begin(user, at, user_agent)

    async def _used(self, kind: LetterKind, token: str, at: datetime) -> str:
        user_id = await self.access.letters.use(kind, token, at)
        if user_id is None:
            raise BrokenLinkError
        return user_id

    async def ask_for_letter(
        self,
        kind: LetterKind,
        at: datetime,
        *,
        user_id: str | None = None,
        email: str | None = None,
    ) -> str:
        """Note that a letter is to be written; the answer is what its workflow is told."""
        request = LetterRequest(kind=kind, user_id=user_id, email=email, created_at=at)
        await self.access.letters.ask(request)
        return request.id
