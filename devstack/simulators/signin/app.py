"""Both stand-ins as one application, and a way to run it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from devstack.serving import serving
from devstack.simulators.signin import github, google, hooks, pages
from devstack.simulators.signin.errors import ExchangeRefusedError, SentBackError, ShownError
from devstack.simulators.signin.pages import message_page
from devstack.simulators.signin.settings import SigninSettings
from devstack.simulators.signin.simulator import Simulator


def create_app(settings: SigninSettings) -> FastAPI:
    """The stand-ins; they open their file when they start serving."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.simulator = Simulator(settings)
        try:
            yield
        finally:
            app.state.simulator.close()

    app = FastAPI(title="Sign-in stand-ins", lifespan=lifespan)
    for router in (pages.router, google.router, github.router, hooks.router):
        app.include_router(router)
    app.add_exception_handler(ShownError, _show)
    app.add_exception_handler(SentBackError, _send_back)
    app.add_exception_handler(ExchangeRefusedError, _bad_form)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return app


@asynccontextmanager
async def running_signin(
    settings: SigninSettings, *, port: int = 0, host: str = "127.0.0.1"
) -> AsyncIterator[str]:
    """Stand-ins in this event loop, on a port (0: any free one); yields their base URL."""
    async with serving(create_app(settings), port=port, host=host) as address:
        yield address


async def _show(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ShownError)  # noqa: S101  (the app registers it for nothing else)
    return message_page(error.title, error.text, error.status)


async def _send_back(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SentBackError)  # noqa: S101  (the app registers it for nothing else)
    return RedirectResponse(error.location, 302)


async def _bad_form(_request: Request, _error: Exception) -> Response:
    """A page's form with a field twice: no browser sends that."""
    return message_page("Unreadable form", "A field was sent twice.", 400)
