"""What is behind the provider routes: leave for a provider, come back, decide who it is."""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from api.paths import safe_path
from api.providers.errors import (
    AnswerError,
    AttemptOverError,
    ConsentDeniedError,
    NotOfferedError,
    ProviderAwayError,
    SignedOutMeanwhileError,
    SignInRefusedError,
)
from api.providers.github import GitHub
from api.providers.google import Google
from api.providers.provider import Provider
from api.providers.settings import ProviderSettings
from services.auth.accounts import Accounts, SignedIn, Visit
from services.auth.attempts import AttemptStore
from services.auth.documents import SignInAttempt
from services.auth.federation import Claim, Federation
from services.auth.tokens import digest
from services.clock import now
from services.security_log import Event, record

ERRORS: Final[Mapping[str, type[Exception]]] = {
    "access_denied": ConsentDeniedError,
    "server_error": ProviderAwayError,
    "temporarily_unavailable": ProviderAwayError,
}
"""What an ``error`` in place of a code means (RFC 6749, 4.1.2.1); any other is a refusal."""


@dataclass(frozen=True)
class Begun:
    """Where to send the browser, and the token that it must come back with."""

    url: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Returned:
    """What a browser says when it comes back from a provider."""

    state: str
    code: str | None = field(default=None, repr=False)
    error: str | None = None
    issuer: str | None = None


@dataclass(frozen=True)
class Arrived:
    """The page to show, and the session that has begun, if one has."""

    next: str
    signed_in: SignedIn | None = None


class ProviderDesk:
    """Signs people in with the providers that are set up."""

    def __init__(self, providers: Collection[Provider], accounts: Accounts) -> None:
        self._accounts = accounts
        self._attempts = AttemptStore()
        self._federation = Federation(accounts)
        self._providers = {each.name: each for each in providers}

    async def begin(
        self, name: str, next_path: str, *, visit: Visit | None, before: str | None
    ) -> Begun:
        """Have somebody leave for a provider, to sign in or, with a visit, to link an identity.

        What the same browser has begun ``before`` is over. Raises ``NotOfferedError``,
        ``ProviderAwayError`` or ``AnswerError``.
        """
        provider = self._provider(name)
        try:
            departure = await provider.depart()
        except (AnswerError, ProviderAwayError) as error:
            _log_failure(name, error)
            raise
        if before is not None:
            await self._attempts.take(before, now())
        token = await self._attempts.begin(
            provider=name,
            state=departure.state,
            next_path=safe_path(next_path),
            user_id=visit.user.id if visit else None,
            code_verifier=departure.code_verifier,
            nonce=departure.nonce,
            at=now(),
        )
        return Begun(departure.url, token)

    async def arrive(
        self,
        name: str,
        returned: Returned,
        *,
        token: str | None,
        session_token: str | None,
        user_agent: str | None,
    ) -> Arrived:
        """Sign in, or link, whoever has come back; raises whatever there is a page for.

        The attempt is used up by whatever comes back first, right or wrong.
        """
        provider = self._provider(name)
        try:
            attempt = await self._attempt(provider, returned, token)
            claim = await self._claim(provider, returned, attempt)
            if attempt.user_id is not None:
                await self._link(claim, attempt.user_id, session_token)
                return Arrived(attempt.next)
            signed_in = await self._federation.sign_in(claim, now(), user_agent)
        except Exception as error:
            _log_failure(name, error)
            raise
        return Arrived(attempt.next, signed_in)

    async def unlink(self, visit: Visit, name: str) -> None:
        """Raises ``IdentityUnknownError`` or ``LastWayInError``."""
        await self._federation.unlink(visit.user, name)
        record(Event.IDENTITY_UNLINKED, provider=name, user_id=visit.user.id)

    def _provider(self, name: str) -> Provider:
        if name not in self._providers:
            raise NotOfferedError
        return self._providers[name]

    async def _attempt(
        self, provider: Provider, returned: Returned, token: str | None
    ) -> SignInAttempt:
        """What this browser has begun; gone from now on."""
        attempt = await self._attempts.take(token, now()) if token else None
        if (
            attempt is None
            or attempt.provider != provider.name
            or not hmac.compare_digest(attempt.state, digest(returned.state))
        ):
            raise AttemptOverError
        return attempt

    async def _claim(self, provider: Provider, returned: Returned, attempt: SignInAttempt) -> Claim:
        if returned.issuer is not None and not provider.calls_itself(returned.issuer):
            raise AttemptOverError  # another provider's code (RFC 9207)
        if returned.error is not None:
            raise ERRORS.get(returned.error, SignInRefusedError)
        code = returned.code or ""
        if not (code.isascii() and code.isprintable() and code):
            raise SignInRefusedError("no code")
        return await provider.identify(
            code, code_verifier=attempt.code_verifier, nonce=attempt.nonce
        )

    async def _link(self, claim: Claim, user_id: str, session_token: str | None) -> None:
        visit = await self._accounts.visit(session_token, now()) if session_token else None
        if visit is None or visit.user.id != user_id:
            raise SignedOutMeanwhileError
        await self._federation.link(claim, visit.user, now())
        record(Event.IDENTITY_LINKED, provider=claim.provider, user_id=user_id)


def offered(settings: ProviderSettings, url: str) -> list[Provider]:
    """The providers that there is a client id of; each has a way back of its own."""

    def way_back(name: str) -> str:
        return f"{url}/api/auth/{name}/callback"

    providers: list[Provider] = []
    if settings.google_client_id:
        providers.append(Google(settings, way_back(Google.name)))
    if settings.github_client_id:
        providers.append(GitHub(settings, way_back(GitHub.name)))
    return providers


def _log_failure(name: str, error: Exception) -> None:
    """Kinds and codes only: nothing here is a secret or says who somebody is."""
    ours = isinstance(error, AnswerError | ProviderAwayError | SignInRefusedError)
    why = str(error) if ours else None
    record(Event.SIGN_IN_FAILED, provider=name, reason=type(error).__name__, why=why)
