"""Resend, the post office.

A mail goes out with an idempotency key, which Resend remembers for 24 hours: the same key and the
same content again is the same mail, and other content is told to be too late (``MailSentBefore``).
Failures leave here as ``ApplicationError``: ``MailRefused`` will never change, all else is an
outage. No message of Resend's goes into history, because Resend
quotes addresses; only its status and its name for the failure do.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import httpx
import resend
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict
from resend.exceptions import NoContentError, ResendError
from temporalio.exceptions import ApplicationError
from typing_extensions import override

from services.settings import Environment, HttpAddress, Settings

REQUEST_SECONDS: Final = 8
"""Less than the prompt try of the step has, so that the failure is named here."""

REFUSALS: Final = (400, 404, 405, 413, 422)
"""Answers about the mail itself. A bad key or an unproven sender domain (401, 403) is for the
operator to put right, and the mail is tried again meanwhile."""


SENT_BEFORE: Final = "MailSentBefore"
"""A mail went out under this key, though not the very same."""


class ResendSettings(Settings):
    """The account at Resend, prefixed ``RESEND_``, and what every mail needs to know."""

    model_config = SettingsConfigDict(env_prefix="RESEND_", validate_by_name=True)

    api_key: SecretStr
    """Of the account at Resend."""
    api_url: HttpAddress = "https://api.resend.com"
    """Where the SDK finds Resend; the inbox of `make dev` is elsewhere."""
    mail_from: str = Field(
        default="Ticket Exchange <tickets@example.com>",
        validation_alias="MAIL_FROM",
        min_length=3,
    )
    """Sender of every mail; its domain must be verified at Resend."""
    public_url: HttpAddress = Field(default="http://127.0.0.1:8000", validation_alias="PUBLIC_URL")
    """Where links in a mail lead."""
    environment: Environment = Field(default="dev", validation_alias="ENVIRONMENT")
    """Keeps the keys of installations that share an account apart."""


class Mail(NamedTuple):
    """A finished mail: HTML and its plain-text twin."""

    to: str
    subject: str
    html: str
    text: str


@asynccontextmanager
async def open_resend(settings: ResendSettings) -> AsyncIterator["ResendGateway"]:
    """A gateway that keeps its connections for a moment: mail comes in pairs, and in bursts."""
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as http:
        yield ResendGateway(settings, http)


class ResendGateway:
    """Sends mail through the official SDK."""

    def __init__(self, settings: ResendSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = _Connections(http)

    @property
    def site(self) -> str:
        """Where links in a mail lead."""
        return self._settings.public_url.rstrip("/")

    async def send(self, mail: Mail, *, key: str) -> str:
        """Resend's id of the mail. Repeating it with the same key sends nothing twice."""
        params: resend.Emails.SendParams = {
            "from": self._settings.mail_from,
            "to": [mail.to],
            "subject": mail.subject,
            "html": mail.html,
            "text": mail.text,
        }
        options: resend.Emails.SendOptions = {
            "idempotency_key": f"te:{self._settings.environment}:{key}"
        }
        # ``from None`` throughout: a cause would enter history with Resend's words.
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                self._tell_the_sdk()
                answer = await resend.Emails.send_async(params, options)
            return str(answer["id"])
        except ResendError as error:
            raise _failure(error) from None
        except (NoContentError, KeyError):
            raise _outage("an answer without an id") from None
        except TimeoutError:
            raise _outage(f"no answer within {REQUEST_SECONDS} s") from None

    def _tell_the_sdk(self) -> None:
        """Put account and client where the SDK looks for them: in globals of its module.

        Here and nowhere else. It reads them before it first waits, so setting them with each call
        keeps two gateways in one process (two tests, say) from sending through each other.
        """
        resend.api_key = self._settings.api_key.get_secret_value()
        resend.api_url = self._settings.api_url.rstrip("/")
        resend.default_async_http_client = self._http


class _Connections(resend.AsyncHTTPClient):
    """What the SDK sends with: its own opens a connection, and reads all certificates, per mail."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    @override
    async def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        json: dict[str, object] | list[object] | None = None,
        files: dict[str, Any] | None = None,
        data: dict[str, str] | None = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        answer = await self._http.request(
            method, url, headers=headers, json=json, files=files, data=data
        )
        return answer.content, answer.status_code, answer.headers


def _failure(error: ResendError) -> ApplicationError:
    status, name = int(error.code), error.error_type
    what = f"{status} {name}" if name.isidentifier() else str(status)
    if name == "invalid_idempotent_request":
        return ApplicationError(
            "Resend has sent another mail under this key", type=SENT_BEFORE, non_retryable=True
        )
    if status in REFUSALS:
        return ApplicationError(f"Resend refused: {what}", type="MailRefused", non_retryable=True)
    return _outage(what)


def _outage(what: str) -> ApplicationError:
    return ApplicationError(f"Resend is away: {what}", type="MailAway")
