"""The composition root of the API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_fastapi_instrumentator import Instrumentator
from starlette.middleware import Middleware

from api import config, health, openapi, translation
from api.auth.routes import router as auth
from api.middleware import BodyLimit, RequestContext, SameOrigin
from api.problems import BadRequest, BodyTooLarge, InternalError, Unavailable, problems
from api.sessions import SessionCookie
from api.settings import ApiSettings
from api.tickets.routes import router as tickets
from services.auth.accounts import Accounts
from services.auth.passwords import Passwords, PasswordSettings
from services.auth.store import AuthStore
from services.database import MongoSettings, open_databases
from services.payments.stripe import StripeSettings
from services.tickets.store import TicketStore
from temporal.client import connect
from temporal.settings import TemporalSettings


def create_app(
    settings: ApiSettings,
    *,
    mongo: MongoSettings,
    temporal: TemporalSettings,
    stripe: StripeSettings,
    passwords: PasswordSettings,
) -> FastAPI:
    """The API, ready to be served; connections open when it starts and close when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_databases(mongo) as databases:
            auth_store = AuthStore()
            app.state.databases = databases
            app.state.temporal = await connect(temporal, lazy=True)
            app.state.auth = auth_store
            app.state.accounts = Accounts(auth_store, Passwords(passwords))
            app.state.tickets = TicketStore()
            yield

    cookie = SessionCookie(https=settings.is_https)
    app = FastAPI(
        title="Ticket Exchange",
        version=version("ticket-exchange"),
        description=openapi.DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url="/api/docs",
        redoc_url=None,
        openapi_tags=openapi.TAGS,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=[
            Middleware(RequestContext),
            Middleware(SameOrigin, cookie=cookie.name, origins=settings.origins),
            Middleware(BodyLimit),
        ],
    )
    app.state.settings = settings
    app.state.stripe_settings = stripe
    app.state.session_cookie = cookie
    translation.install(app)
    openapi.install(app)
    everywhere = problems(BadRequest, BodyTooLarge, InternalError, Unavailable)
    for router in (auth, tickets, config.router):
        app.include_router(router, responses=everywhere)
    app.include_router(health.router, responses=problems(InternalError))
    _measure(app)
    return app


def _measure(app: FastAPI) -> None:
    """Offer metrics of this app alone, by route template."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    Instrumentator(registry=registry, excluded_handlers=["/metrics"]).instrument(app).expose(
        app, include_in_schema=False
    )
