"""GitHub: plain OAuth, and an API that says who the token acts for."""

from typing import Any, Final

from typing_extensions import override

from api.providers.errors import AnswerError
from api.providers.provider import Json, Provider, a_claim, an_app
from api.providers.settings import ProviderSettings
from services.auth.federation import Claim

HEADERS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
MOST_ADDRESSES: Final = 100


class GitHub(Provider):
    """Says who somebody is when asked with their access token."""

    name = "github"

    def __init__(self, settings: ProviderSettings, redirect_uri: str) -> None:
        super().__init__(redirect_uri, seconds=settings.provider_seconds)
        self._issuer = settings.github_url
        self._api = settings.github_api_url
        self._app = an_app(
            self.name,
            scope="user:email",
            client_id=settings.github_client_id,
            client_secret=settings.github_client_secret.get_secret_value(),
            authorize_url=f"{self._issuer}/login/oauth/authorize",
            access_token_url=f"{self._issuer}/login/oauth/access_token",
        )

    @override
    def calls_itself(self, issuer: str) -> bool:
        """In April 2026 GitHub began to send the longer one, for some days, undocumented."""
        return issuer in (self._issuer, f"{self._issuer}/login/oauth")

    @override
    async def _client(self) -> Any:
        return self._app

    @override
    async def _identify(self, client: Any, token: Json, nonce: str | None) -> Claim:
        """The id stays when login and addresses change; the public address proves nothing."""
        user = await self._ask(client, token, "/user")
        if not isinstance(user["id"], int) or isinstance(user["id"], bool):
            raise AnswerError("id")
        addresses = await self._ask(client, token, f"/user/emails?per_page={MOST_ADDRESSES}")
        return a_claim(self.name, self._issuer, str(user["id"]), _verified(addresses))

    async def _ask(self, client: Any, token: Json, path: str) -> Any:  # noqa: ANN401 - any JSON
        answer = await client.get(self._api + path, token=token, headers=HEADERS)
        answer.raise_for_status()
        return answer.json()


def _verified(addresses: list[Json]) -> str | None:
    """The primary address, if GitHub has verified it."""
    for each in addresses:
        if each["primary"] is True:
            return str(each["email"]) if each["verified"] is True else None
    return None
