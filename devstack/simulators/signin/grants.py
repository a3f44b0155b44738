"""Sign-ins on their way: waiting for a person, then a code, then an access token."""

import secrets
import sqlite3
import time
from typing import Final

from pydantic import BaseModel, ConfigDict

from devstack.simulators.signin.authorization import AuthorizationRequest
from devstack.simulators.signin.errors import ExchangeRefusedError, Refusal
from devstack.simulators.signin.settings import Provider, SigninSettings

PREFIXES: Final = {Provider.GOOGLE: "ya29.", Provider.GITHUB: "gho_"}


class Grant(BaseModel):
    """What a person has allowed an application to know."""

    model_config = ConfigDict(frozen=True)

    request: AuthorizationRequest
    subject: str


class Grants:
    """All of them, in the file; what is too old is swept out by the next one of its kind."""

    def __init__(self, store: sqlite3.Connection, settings: SigninSettings) -> None:
        self._store = store
        self._settings = settings

    def ask(self, request: AuthorizationRequest) -> str:
        """Remember a request until somebody decides; the id that the page carries."""
        identifier, now = secrets.token_urlsafe(), time.time()
        with self._store:
            self._store.execute("DELETE FROM pending WHERE expires <= ?", (now,))
            self._store.execute(
                "INSERT INTO pending VALUES (?, ?, ?)",
                (identifier, request.model_dump_json(), now + self._settings.request_seconds),
            )
        return identifier

    def pending(self, identifier: str) -> AuthorizationRequest | None:
        """The request that a page was shown for, unless it is decided or too old."""
        row = self._store.execute(
            "SELECT request FROM pending WHERE id = ? AND expires > ?", (identifier, time.time())
        ).fetchone()
        return None if row is None else AuthorizationRequest.model_validate_json(row["request"])

    def decided(self, identifier: str) -> None:
        """A page decides once."""
        with self._store:
            self._store.execute("DELETE FROM pending WHERE id = ?", (identifier,))

    def code(self, request: AuthorizationRequest, subject: str) -> str:
        """A code for the application."""
        code, now = secrets.token_urlsafe(), time.time()
        grant = Grant(request=request, subject=subject)
        with self._store:
            self._store.execute("DELETE FROM codes WHERE expires <= ?", (now,))
            self._store.execute(
                "INSERT INTO codes (code, grant_, expires) VALUES (?, ?, ?)",
                (code, grant.model_dump_json(), now + self._settings.code_seconds),
            )
        return code

    def redeem(self, code: str, provider: Provider, client_id: str) -> Grant:
        """What a code stands for, once; a second time its tokens end too (RFC 6749, 4.1.2).

        Another client's or provider's attempt does not use the code up.
        """
        row = self._store.execute(
            "SELECT grant_, used FROM codes WHERE code = ? AND expires > ?", (code, time.time())
        ).fetchone()
        grant = None if row is None else Grant.model_validate_json(row["grant_"])
        if grant is None or (grant.request.provider, grant.request.client_id) != (
            provider,
            client_id,
        ):
            raise ExchangeRefusedError(Refusal.BAD_CODE)
        with self._store:
            self._store.execute("UPDATE codes SET used = 1 WHERE code = ?", (code,))
            if row["used"]:
                self._store.execute("DELETE FROM tokens WHERE code = ?", (code,))
        if row["used"]:
            raise ExchangeRefusedError(Refusal.BAD_CODE)
        return grant

    def token(self, code: str, grant: Grant) -> str:
        """An access token."""
        provider = grant.request.provider
        token = PREFIXES[provider] + secrets.token_urlsafe(27)
        expires = time.time() + self._settings.token_seconds
        with self._store:
            self._store.execute(
                "INSERT INTO tokens VALUES (?, ?, ?, ?)",
                (
                    token,
                    code,
                    grant.model_dump_json(),
                    expires if provider is Provider.GOOGLE else None,
                ),
            )
        return token

    def allowed(self, token: str, provider: Provider) -> Grant | None:
        """What an access token allows, at the provider that gave it."""
        row = self._store.execute(
            "SELECT grant_ FROM tokens WHERE token = ? AND (expires IS NULL OR expires > ?)",
            (token, time.time()),
        ).fetchone()
        grant = None if row is None else Grant.model_validate_json(row["grant_"])
        return grant if grant is not None and grant.request.provider is provider else None
