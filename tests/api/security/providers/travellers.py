"""People with a browser, on their way to Google or GitHub and back."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx

from tests.api.conftest import PASSWORD, Browser

Json = dict[str, Any]
OURS: Final = "http://testserver"
PROVIDERS: Final = ("google", "github")


@dataclass(frozen=True)
class Traveller:
    """Somebody with a browser of their own, in front of both the API and the stand-ins."""

    http: Browser
    stand_ins: httpx.AsyncClient

    async def leaves(self, provider: str, next_path: str | None = None) -> str:
        """Begin to sign in; the answer is the provider's page."""
        query = {} if next_path is None else {"next": next_path}
        answer = await self.http.get(f"/api/auth/{provider}/login", params=query)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def decides(self, page: str, **person: object) -> str:
        """Sign in there as this person; the answer is the way back."""
        person.setdefault("name", "Ann")
        planted = await self.stand_ins.post("/_sim/sign_ins", json=person)
        assert planted.status_code == 201, planted.text
        return await self._sent_back(page)

    async def denies(self, page: str, provider: str) -> str:
        """Do not sign in there."""
        planted = await self.stand_ins.post("/_sim/denials", json={"provider": provider})
        assert planted.status_code == 204, planted.text
        return await self._sent_back(page)

    async def _sent_back(self, page: str) -> str:
        answer = await self.stand_ins.get(page)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def returns(self, way_back: str) -> httpx.Response:
        """Come back, with whatever."""
        assert way_back.startswith(OURS)
        return await self.http.get(way_back.removeprefix(OURS))

    async def signs_in(
        self, provider: str, email: str, next_path: str | None = None, **person: object
    ) -> httpx.Response:
        """All of it; whatever the answer."""
        page = await self.leaves(provider, next_path)
        return await self.returns(
            await self.decides(page, provider=provider, email=email, **person)
        )

    async def is_signed_in(
        self, provider: str, email: str, next_path: str | None = None, **person: object
    ) -> Json:
        """All of it, with success; the answer is the user."""
        answer = await self.signs_in(provider, email, next_path, **person)
        assert answer.status_code == 302, answer.text
        return await self.me()

    async def begins_to_link(self, provider: str) -> str:
        """Begin to link an identity; the answer is the provider's page."""
        answer = await self.http.post(f"/api/auth/{provider}/link")
        assert answer.status_code == 200, answer.text
        url: str = answer.json()["url"]
        return url

    async def links(self, provider: str, email: str, **person: object) -> httpx.Response:
        """Link an identity; whatever the answer."""
        page = await self.begins_to_link(provider)
        return await self.returns(
            await self.decides(page, provider=provider, email=email, **person)
        )

    async def registers(self, email: str, password: str = PASSWORD) -> Json:
        """Open an account with a password; nobody has proven the address."""
        draft = {"email": email, "password": password}
        answer = await self.http.post("/api/users/register", json=draft)
        assert answer.status_code == 201, answer.text
        user: Json = answer.json()
        return user

    async def signs_in_with_password(self, email: str, password: str = PASSWORD) -> httpx.Response:
        """Whatever the answer."""
        return await self.http.post("/api/users/login", json={"email": email, "password": password})

    async def me(self) -> Json:
        """Who is signed in here."""
        answer = await self.http.get("/api/users/me")
        assert answer.status_code == 200, answer.text
        user: Json = answer.json()
        return user

    async def is_nobody(self) -> bool:
        """Whether nobody is signed in here and nothing of a sign-in is left."""
        answer = await self.http.get("/api/users/me")
        return answer.status_code == 401 and not self.http.cookies


def asked(url: str) -> dict[str, str]:
    """The query of an address, every part once."""
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}


def changed(url: str, **changes: str | None) -> str:
    """The address with other parts of its query; None leaves one out."""
    parts = urlsplit(url)
    query: dict[str, str | None] = {**dict(parse_qsl(parts.query)), **changes}
    kept = {name: value for name, value in query.items() if value is not None}
    return parts._replace(query=urlencode(kept)).geturl()


def a_page(answer: httpx.Response, status: int, *words: str) -> str:
    """The text of a page that says what went wrong, as all of them do."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert 'href="/login"' in answer.text
    assert "Back to sign in" in answer.text
    for part in ("<script", "style=", "<style", "{provider}"):
        assert part not in answer.text
    for word in words:
        assert word in answer.text
    return answer.text
