"""The composition root of the API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import config, docs, health, metrics, openapi, reports, translation, ui
from api.auth.account import OwnAccount
from api.auth.account_routes import router as own_account
from api.auth.desk import AccountDesk
from api.auth.routes import router as auth
from api.bounds import Bounds
from api.headers import security_headers
from api.live.live import Live
from api.metrics import Lookout
from api.middleware import RequestContext
from api.operations.desk import OperatorDesk
from api.operations.detail import Details
from api.operations.routes import router as operations
from api.orders.desk import OrderDesk
from api.orders.entrance import Entrance
from api.orders.events import router as order_events
from api.orders.routes import router as orders_router
from api.origins import SameOrigin, TrustedPages
from api.problems import (
    AddressTooLong,
    BadRequest,
    BodyTooLarge,
    HeadersTooLarge,
    InternalError,
    Unavailable,
    UnsupportedMediaType,
    problems,
)
from api.providers.desk import ProviderDesk, offered
from api.providers.routes import for_browsers as sign_in_pages
from api.providers.routes import router as identities
from api.providers.settings import ProviderSettings
from api.sessions import SessionCookie, TokenCookie
from api.settings import ApiSettings
from api.tickets.events import router as ticket_events
from api.tickets.routes import router as tickets
from api.traces import trace
from api.webhooks.events import StripeEvents
from api.webhooks.stripe import router as stripe_webhook
from services.auth.accounts import Accounts
from services.auth.attempts import ATTEMPT_LIFE
from services.auth.passwords import Passwords, PasswordSettings
from services.database import MongoSettings, open_databases
from services.limits.limiter import Limits
from services.limits.rules import LimitSettings
from services.operations.store import OperationsStore
from services.orders.holds import HoldStore
from services.orders.requests import RequestStore
from services.orders.store import OrderStore
from services.payments.store import PaymentStore
from services.payments.stripe import StripeSettings, open_stripe
from services.tickets.store import TicketStore
from services.traces import Traces
from temporal.accounts import AccountWorkflows
from temporal.client import connect
from temporal.metrics import SdkMetrics
from temporal.operations.actions import Operations
from temporal.operations.looking import WorkflowWindow
from temporal.purchases import Purchases
from temporal.settings import TemporalSettings


def create_app(
    settings: ApiSettings,
    *,
    mongo: MongoSettings,
    temporal: TemporalSettings,
    stripe: StripeSettings,
    passwords: PasswordSettings,
    limits: LimitSettings,
    providers: ProviderSettings,
    sdk: SdkMetrics | None = None,
    traces: Traces | None = None,
) -> FastAPI:
    """The API, ready to be served; connections open when it starts and close when it ends.

    With ``sdk`` its metrics are beside our own; without ``traces`` there are none.
    """
    sign_in_providers = offered(providers, settings.url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_databases(mongo) as databases, open_stripe(stripe) as stripe_client:
            orders, payments = OrderStore(), PaymentStore()
            app.state.databases = databases
            app.state.limits = Limits(databases.auth, limits)
            await app.state.limits.prepare()
            app.state.temporal = await connect(
                temporal,
                lazy=True,
                runtime=sdk.runtime if sdk else None,
                tracer=traces.tracer if traces else None,
            )
            app.state.tickets = tickets_store = TicketStore()
            accounts = Accounts(Passwords(passwords))
            app.state.accounts = accounts
            app.state.own_account = OwnAccount(accounts.access, tickets_store, orders, payments)
            app.state.account_desk = AccountDesk(
                accounts, orders, AccountWorkflows(app.state.temporal)
            )
            app.state.provider_desk = ProviderDesk(sign_in_providers, accounts)
            purchases = Purchases(app.state.temporal)
            app.state.order_desk = OrderDesk(
                orders,
                payments,
                tickets_store,
                purchases,
                requests=RequestStore(),
                holds=HoldStore(),
                window=timedelta(seconds=settings.reservation_window),
                extension=timedelta(seconds=settings.hold_extension),
                open_holds=settings.open_holds,
            )
            app.state.entrance = Entrance(outages=translation.OUTAGES)
            app.state.stripe_events = StripeEvents(
                stripe_client,
                stripe,
                environment=settings.environment,
                orders=orders,
                payments=payments,
                purchases=purchases,
                metrics=measured.webhooks,
            )
            app.state.probes = probes = health.Probes(databases, app.state.temporal, stripe)
            app.state.lookout = Lookout(probes, OperationsStore(), app.state.temporal)
            findings = OperationsStore()
            app.state.operator_desk = OperatorDesk(
                orders,
                findings,
                accounts.users,
                Details(
                    orders,
                    payments,
                    findings,
                    WorkflowWindow(app.state.temporal, temporal.ui_url),
                ),
                Operations(app.state.temporal),
            )
            app.state.live = Live(settings, orders, tickets_store)
            async with app.state.live.running(), measured.running(app.state.lookout, sdk):
                yield

    cookie = SessionCookie(https=settings.is_https)
    app = FastAPI(
        title="Ticket Exchange",
        version=version("ticket-exchange"),
        description=openapi.DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        openapi_tags=openapi.TAGS,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=[
            Middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies)),
            Middleware(RequestContext, headers=security_headers(settings, stripe)),
            Middleware(TrustedPages, origins=settings.trusted_origins),
            Middleware(SameOrigin, cookie=cookie.name, origins=settings.origins),
            Middleware(Bounds),
        ],
    )
    app.state.settings = settings
    app.state.stripe_settings = stripe
    app.state.session_cookie = cookie
    app.state.attempt_cookie = TokenCookie("sign-in", https=settings.is_https, life=ATTEMPT_LIFE)
    app.state.sign_in_providers = [each.name for each in sign_in_providers]
    translation.install(app)
    openapi.install(app)
    too_much = (AddressTooLong, HeadersTooLarge)
    everywhere = problems(
        BadRequest, BodyTooLarge, *too_much, UnsupportedMediaType, InternalError, Unavailable
    )
    # The market's events come before its tickets, whose ids would match their address too.
    for router in (
        *(auth, own_account, sign_in_pages, identities),
        *(ticket_events, tickets, order_events, orders_router),
        operations,
        *(stripe_webhook, config.router, reports.router),
    ):
        app.include_router(router, responses=everywhere)
    app.include_router(health.router, responses=problems(*too_much, InternalError))
    docs.install(app)
    app.state.measured = measured = metrics.install(app)
    ui.install(app, settings, cookie.name)
    if traces is not None:
        trace(app, traces)
    return app
