"""Google, or whoever speaks OpenID Connect at the issuer's address."""

import time
from typing import Any, Final
from urllib.parse import urlsplit

from typing_extensions import override

from api.providers.errors import AnswerError
from api.providers.provider import Json, Provider, a_claim, an_app
from api.providers.settings import ProviderSettings
from services.auth.federation import Claim

DISCOVERY: Final = "/.well-known/openid-configuration"
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ALGORITHMS: Final = ["RS256", "ES256"]
FRESH_SECONDS: Final = 3600
"""After this long addresses and keys are fetched anew: Google withdraws keys."""


class Google(Provider):
    """Says who somebody is with a signed id token."""

    name = "google"

    def __init__(self, settings: ProviderSettings, redirect_uri: str) -> None:
        super().__init__(redirect_uri, seconds=settings.provider_seconds)
        self._settings = settings
        self._issuer = settings.google_issuer
        self._app: Any = None
        self._since = 0.0

    @override
    def calls_itself(self, issuer: str) -> bool:
        return issuer == self._issuer

    @override
    async def _client(self) -> Any:
        if self._app is None or time.monotonic() - self._since > FRESH_SECONDS:
            app = self._new_app()
            app.server_metadata = self._trusted(await app.load_server_metadata())
            self._app, self._since = app, time.monotonic()
        return self._app

    def _new_app(self) -> Any:  # noqa: ANN401 - Authlib has no types
        return an_app(
            self.name,
            scope="openid email",
            client_id=self._settings.google_client_id,
            client_secret=self._settings.google_client_secret.get_secret_value(),
            server_metadata_url=self._issuer + DISCOVERY,
        )

    def _trusted(self, metadata: Json) -> Json:
        """Of the discovery document what a sign-in needs.

        Authlib compares its issuer with nothing, takes any algorithm it lists, and hands all of
        it on as options of its HTTP client.
        """
        if metadata["issuer"] != self._issuer:
            raise AnswerError("issuer")
        scheme = urlsplit(self._issuer).scheme
        if any(urlsplit(metadata[each]).scheme != scheme for each in ENDPOINTS):
            raise AnswerError("endpoints")
        kept = {each: metadata[each] for each in ("issuer", *ENDPOINTS, "_loaded_at")}
        return {**kept, "id_token_signing_alg_values_supported": ALGORITHMS}

    @override
    async def _identify(self, client: Any, token: Json, nonce: str | None) -> Claim:
        """Authlib checks signature, time, nonce and ``at_hash``, and here issuer and audience.

        Left alone it takes any audience whose ``azp`` is ours.
        """
        if nonce is None:
            raise AnswerError("nonce")
        claims_options = {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._settings.google_client_id},
        }
        said: Json | None = await client.parse_id_token(token, nonce, claims_options=claims_options)
        if said is None:
            raise AnswerError("id_token")
        email = said.get("email") if said.get("email_verified") is True else None
        return a_claim(self.name, self._issuer, said["sub"], email)
