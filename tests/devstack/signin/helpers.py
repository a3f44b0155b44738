"""An application that signs people in, one step at a time, so that a test can get a step wrong."""

import base64
import hashlib
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx

from devstack.simulators.signin.settings import OUR_CLIENTS, Provider

Json = dict[str, Any]

VERIFIER: Final = "a-verifier-of-at-least-forty-three-characters"
CHALLENGE: Final = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
PATHS: Final = {
    Provider.GOOGLE: ("/google/authorize", "/google/token"),
    Provider.GITHUB: ("/github/login/oauth/authorize", "/github/login/oauth/access_token"),
}
SCOPES: Final = {
    Provider.GOOGLE: "openid email profile",
    Provider.GITHUB: "read:user user:email",
}


class Application:
    """A registered application; ``None`` for a parameter leaves it out."""

    def __init__(self, http: httpx.AsyncClient, provider: Provider) -> None:
        self.http = http
        self.provider = provider
        self.client_id, self.secret = OUR_CLIENTS[provider]
        self.redirect_uri = f"http://127.0.0.1:8000/api/auth/{provider}/callback"
        self.address = str(http.base_url).rstrip("/")
        self.authorize_path, self.token_path = PATHS[provider]

    def parameters(self, **changes: str | None) -> dict[str, str]:
        """An authorization request that is in order, but for the changes."""
        parameters = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": SCOPES[self.provider],
            "state": "state-of-this-sign-in",
            "nonce": "nonce-of-this-sign-in",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return _changed(parameters, changes)

    async def authorize(self, **changes: str | None) -> httpx.Response:
        """What the browser gets to see."""
        return await self.http.get(self.authorize_path, params=self.parameters(**changes))

    async def page(self, **changes: str | None) -> str:
        """The id of the sign-in that the page is for."""
        answer = await self.authorize(**changes)
        assert answer.status_code == 200
        return answer.text.partition('name="request" value="')[2].partition('"')[0]

    async def decide(self, identifier: str, **fields: str) -> httpx.Response:
        """Send the page's form."""
        return await self.http.post(self.authorize_path, data={"request": identifier, **fields})

    async def plant(self, **changes: object) -> Json:
        """Somebody who signs in at the next request, without a page."""
        person = {"provider": self.provider, "name": "Ada", "email": "ada@example.com", **changes}
        answer = await self.http.post("/_sim/sign_ins", json=person)
        planted: Json = answer.raise_for_status().json()
        return planted

    async def code(self, **changes: str | None) -> str:
        """The code that the application gets for Ada."""
        await self.plant()
        return answer_of(await self.authorize(**changes))["code"]

    async def exchange(self, code: str | None, **changes: str | None) -> httpx.Response:
        """A token request that is in order, but for the changes."""
        return await self._exchange(code, httpx.Auth(), changes)

    async def exchange_basic(
        self, code: str, client_id: str, secret: str, **changes: str | None
    ) -> httpx.Response:
        """The same, with the credentials in the header."""
        header = httpx.BasicAuth(client_id, secret)
        return await self._exchange(
            code, header, {"client_id": None, "client_secret": None, **changes}
        )

    async def tokens(self, **changes: str | None) -> Json:
        """All that the token endpoint answers, for Ada."""
        answer = await self.exchange(await self.code(**changes))
        tokens: Json = answer.raise_for_status().json()
        assert "error" not in tokens
        return tokens

    async def refused(self, answer: httpx.Response) -> str:
        """The error of a token request, answered in the way of the provider."""
        body: Json = answer.json()
        assert "access_token" not in body
        if self.provider is Provider.GITHUB:
            assert answer.status_code == 200
        else:
            assert answer.status_code == (401 if body["error"] == "invalid_client" else 400)
        return str(body["error"])

    async def _exchange(
        self, code: str | None, auth: httpx.Auth, changes: dict[str, str | None]
    ) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code or "",
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
            "client_id": self.client_id,
            "client_secret": self.secret,
        }
        return await self.http.post(
            self.token_path,
            data=_changed(form, changes),
            headers={"Accept": "application/json"},
            auth=auth,
        )


def answer_of(response: httpx.Response) -> dict[str, str]:
    """What a redirect tells the application."""
    assert response.status_code in {302, 303}, response.text
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


def bearer(tokens: Json) -> dict[str, str]:
    """The header that goes with an access token."""
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def one(query: str, name: str) -> str:
    """The only value of a parameter."""
    (value,) = parse_qs(query)[name]
    return value


def _changed(parameters: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    merged = {**parameters, **changes}
    return {name: value for name, value in merged.items() if value is not None}
