"""Puts the simulator together as one ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from devstack.simulators.stripe import script
from devstack.simulators.stripe.api import Api
from devstack.simulators.stripe.hooks import Hooks
from devstack.simulators.stripe.pages import Pages
from devstack.simulators.stripe.settings import StripeSettings
from devstack.simulators.stripe.simulator import Simulator

LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


def create_app(settings: StripeSettings | None = None) -> Starlette:
    """The whole simulator; its lifespan delivers webhooks and lets holds expire."""
    simulator = Simulator(settings or StripeSettings())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        background = asyncio.create_task(simulator.run())
        yield
        background.cancel()
        with suppress(asyncio.CancelledError):
            await background
        await simulator.close()

    pages = Pages(simulator)
    hooks = Router(
        [
            Route("/3ds/{id}", pages.challenge, methods=["GET"]),
            Route("/3ds/{id}", pages.decide, methods=["POST"]),
            *Hooks(simulator).routes(),
        ]
    )
    browsers_too = CORSMiddleware(
        Api(simulator),
        allow_origins=["*"],
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["Request-Id", "Stripe-Version", "Idempotent-Replayed"],
    )
    app = Starlette(
        routes=[
            Route("/", pages.home),
            Route("/healthz", _healthy),
            Mount("/_sim", LoopbackOnly(hooks)),
            Mount("/v1", browsers_too),
            Mount("/v3", routes=script.routes()),
        ],
        lifespan=lifespan,
    )
    app.state.simulator = simulator
    return app


class LoopbackOnly:
    """Keeps the hooks, which know no password, from everyone but this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client is not None and client[0] not in LOOPBACK:
            refusal = JSONResponse({"error": {"message": "Only from this machine."}}, 403)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _healthy(_: Request) -> Response:
    return JSONResponse({"status": "ok"})
