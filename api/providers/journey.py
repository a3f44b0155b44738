"""The browser that a request came from, on its way to a provider and back."""

from typing import Annotated

from fastapi import Depends, Request, Response

from api.dependencies import Browser
from api.providers.desk import ProviderDesk, Returned
from api.sessions import TokenCookie
from services.auth.accounts import Visit


class Journey:
    """A browser that leaves with a token of its own and must come back with the same."""

    def __init__(
        self, desk: ProviderDesk, cookie: TokenCookie, request: Request, response: Response
    ) -> None:
        self._desk = desk
        self._cookie = cookie
        self._token = cookie.read(request)
        self._response = response

    async def leave(self, provider: str, next_path: str, visit: Visit | None = None) -> str:
        """Where to send it; raises what ``ProviderDesk.begin`` does."""
        begun = await self._desk.begin(provider, next_path, visit=visit, before=self._token)
        self._cookie.set(self._response, begun.token)
        return begun.url

    async def arrive(
        self, provider: str, returned: Returned, browser: Browser, session_token: str | None
    ) -> str:
        """The page to show; raises what ``ProviderDesk.arrive`` does."""
        arrived = await self._desk.arrive(
            provider,
            returned,
            token=self._token,
            session_token=session_token,
            user_agent=browser.user_agent,
        )
        self._cookie.clear(self._response)
        if arrived.signed_in is not None:
            await browser.keep(arrived.signed_in)
        return arrived.next


async def _journey(request: Request, response: Response) -> Journey:
    state = request.app.state
    return Journey(state.provider_desk, state.attempt_cookie, request, response)


Traveller = Annotated[Journey, Depends(_journey)]
"""A browser on its way to a provider, or back from there."""
