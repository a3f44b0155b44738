"""The inbox as an application, and a way for tests to run it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from devstack.serving import serving
from devstack.simulators.resend import emails, faults, page
from devstack.simulators.resend.errors import ResendError, render_http_error, render_refusal
from devstack.simulators.resend.inbox import Inbox


class InboxSettings(BaseModel):
    """What an inbox needs to know."""

    model_config = ConfigDict(frozen=True)

    data: Path
    """The SQLite file; made when it is not there."""


def create_app(settings: InboxSettings) -> FastAPI:
    """The inbox; it opens its file when it starts serving."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.inbox = Inbox(settings.data)
        try:
            yield
        finally:
            app.state.inbox.close()

    app = FastAPI(title="Mail inbox", lifespan=lifespan)
    app.state.faults = faults.Faults()
    app.state.in_flight = set()
    app.include_router(emails.router)
    app.include_router(faults.router)
    app.include_router(page.router)
    app.add_exception_handler(ResendError, render_refusal)
    app.add_exception_handler(HTTPException, render_http_error)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return app


@asynccontextmanager
async def running_inbox(data: Path) -> AsyncIterator[str]:
    """An inbox in this event loop, on a free loopback port; yields its base URL."""
    async with serving(create_app(InboxSettings(data=data))) as address:
        yield address
