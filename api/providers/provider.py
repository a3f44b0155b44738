"""What both providers have in common: Authlib's client, used within bounds."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from pydantic import TypeAdapter, ValidationError

from api.auth.schemas import Email
from api.providers.errors import AnswerError, ProviderAwayError, SignInRefusedError
from services.auth.federation import Claim

SUBJECT_LENGTH: Final = 255
NONSENSE: Final = (JoseError, httpx2.InvalidURL, AttributeError, KeyError, TypeError, ValueError)
"""What Authlib and its token library raise when an answer lacks something or has it bent."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Departure:
    """How to send a browser to a provider, and what to keep until it comes back."""

    url: str
    state: str
    code_verifier: str = field(repr=False)
    nonce: str | None = field(repr=False)


class Provider(ABC):
    """One provider. Nothing of what it gives us is kept but who the person is."""

    name: str

    def __init__(self, redirect_uri: str, *, seconds: float) -> None:
        self._redirect_uri = redirect_uri
        self._seconds = seconds

    @abstractmethod
    async def _client(self) -> Any:  # noqa: ANN401 - Authlib has no types
        """Authlib's client, knowing where to ask."""

    @abstractmethod
    async def _identify(
        self,
        client: Any,  # noqa: ANN401 - Authlib has no types
        token: Json,
        nonce: str | None,
    ) -> Claim:
        """Whose access token it is."""

    @abstractmethod
    def calls_itself(self, issuer: str) -> bool:
        """Whether an ``iss`` beside the code (RFC 9207) is this provider's."""

    async def depart(self) -> Departure:
        """Begin a sign-in; raises ``ProviderAwayError`` or ``AnswerError``.

        Authlib makes state, nonce and PKCE verifier.
        """
        async with _in_our_words(self._seconds):
            client = await self._client()
            begun: Json = await client.create_authorization_url(self._redirect_uri)
        return Departure(begun["url"], begun["state"], begun["code_verifier"], begun.get("nonce"))

    async def identify(self, code: str, *, code_verifier: str, nonce: str | None) -> Claim:
        """Who has come back with this code; raises ``SignInRefusedError`` too."""
        async with _in_our_words(self._seconds):
            client = await self._client()
            token: Json = await client.fetch_access_token(
                redirect_uri=self._redirect_uri, code=code, code_verifier=code_verifier
            )
            _require_access_token(token)
            return await self._identify(client, token, nonce)


def an_app(name: str, **known: Any) -> Any:  # noqa: ANN401 - Authlib has no types
    """A client as Authlib's Starlette integration makes it, with PKCE."""
    client_kwargs = {
        "scope": known.pop("scope"),
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": "client_secret_post",
        "timeout": None,  # there is one for all requests together
        "verify": httpx2.create_ssl_context(),  # Authlib makes many clients; this takes 25 ms
    }
    return OAuth().register(
        name,
        client_kwargs=client_kwargs,
        authorize_params={"prompt": "select_account"},
        user_agent="ticket-exchange",
        **known,
    )


def a_claim(provider: str, issuer: str, subject: object, email: object) -> Claim:
    """A claim whose parts are what they should be; raises ``AnswerError``."""
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LENGTH:
        raise AnswerError("subject")
    return Claim(provider, issuer, subject, _address(email))


def _address(email: object) -> str | None:
    """The verified address, if mail can go there."""
    try:
        return None if email is None else _EMAIL.validate_python(email, strict=True)
    except ValidationError:
        return None


_EMAIL: Final = TypeAdapter[str](Email)


def _require_access_token(token: Json) -> None:
    """Authlib takes any JSON object of a token endpoint for a token."""
    if not isinstance(token.get("access_token"), str) or not token["access_token"]:
        raise AnswerError("access_token")


@asynccontextmanager
async def _in_our_words(seconds: float) -> AsyncIterator[None]:
    """Within the time bound; failures as one of ours, of which only the kind is kept."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise ProviderAwayError(f"HTTP {status}") from None
        raise AnswerError(f"HTTP {status}") from None
    except (httpx2.HTTPError, TimeoutError) as error:
        raise ProviderAwayError(type(error).__name__) from None
    except AuthlibBaseError as error:
        raise SignInRefusedError(_plain(error.error)) from None
    except AnswerError:
        raise
    except NONSENSE as error:
        raise AnswerError(type(error).__name__) from None


def _plain(code: object) -> str:
    """A provider's error code, if it looks like one: it goes into our log."""
    text = str(code)[:40]
    return text if text.isascii() and text.replace("_", "").isalnum() else "unreadable"
