"""Whether this process is alive, and whether it can serve."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Final

import httpx
import structlog
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from pymongo.errors import PyMongoError
from temporalio.client import Client
from temporalio.service import RPCError

from api.problems import Unavailable
from services.database import Databases
from services.payments.stripe import StripeSettings
from temporal.pollers import TimeThere, purchase_pollers

router = APIRouter(tags=["operation"])
log = structlog.get_logger("api")

LIMIT_SECONDS: Final = 2
FAILURES: Final = (PyMongoError, RPCError, httpx.HTTPError, TimeoutError, OSError, RuntimeError)


class State(StrEnum):
    """How one part is."""

    UP = "up"
    DOWN = "down"


class Readiness(StrEnum):
    """How the whole is."""

    READY = "ready"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


class Alive(BaseModel):
    """A sign of life."""

    status: str = "alive"


class Checks(BaseModel):
    """How each part is that a purchase needs."""

    mongodb: State
    temporal: State
    worker: State
    stripe: State

    def readiness(self) -> Readiness:
        """Without Stripe nobody can pay, but the market works and purchases wait."""
        if State.DOWN in (self.mongodb, self.temporal, self.worker):
            return Readiness.UNAVAILABLE
        return Readiness.READY if self.stripe is State.UP else Readiness.DEGRADED


class Ready(BaseModel):
    """How the whole is, and why."""

    status: Readiness
    checks: Checks


class Probes:
    """Asks every part, all at once and not for long."""

    def __init__(self, databases: Databases, temporal: Client, stripe: StripeSettings) -> None:
        self._databases = databases
        self._temporal = temporal
        self._time_there = TimeThere()
        self._stripe = stripe

    async def check(self) -> Checks:
        """How each part is right now."""
        mongodb, pollers, stripe = await asyncio.gather(
            _within_limit("mongodb", self._ping_mongodb),
            _within_limit("temporal", self._count_workers),
            _within_limit("stripe", self._ask_stripe),
        )
        return Checks(
            mongodb=_state(mongodb is not None),
            temporal=_state(pollers is not None),
            worker=_state(bool(pollers)),
            stripe=_state(stripe is not None),
        )

    async def _ping_mongodb(self) -> int:
        await self._databases.ping()
        return 1

    async def _count_workers(self) -> int:
        return await purchase_pollers(self._temporal, self._time_there)

    async def _ask_stripe(self) -> int:
        """Any answer will do: also a refusal shows that Stripe is there."""
        async with httpx.AsyncClient(timeout=LIMIT_SECONDS) as client:
            return (await client.get(self._stripe.api_base)).status_code


async def _within_limit(what: str, ask: Callable[[], Awaitable[int]]) -> int | None:
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            return await ask()
    except FAILURES as error:
        log.warning("check_failed", check=what, error=type(error).__name__)
        return None


def _state(up: bool) -> State:
    return State.UP if up else State.DOWN


async def _probes(request: Request) -> Probes:
    probes: Probes = request.app.state.probes
    return probes


@router.get("/healthz", operation_id="alive", summary="Whether this process is alive")
async def healthz() -> Alive:
    """Asks nobody: a restart cures no outage elsewhere."""
    return Alive()


@router.get(
    "/readyz",
    operation_id="ready",
    summary="Whether this process can serve",
    responses={503: {"model": Ready, "description": "Not now; try again."}},
)
async def readyz(probes: Annotated[Probes, Depends(_probes)], response: Response) -> Ready:
    """503 while MongoDB or Temporal is away or no worker asks for purchases.

    A Stripe outage shows as `degraded` but keeps the process in rotation: it meets all processes
    alike, so taking them out would only add the market, which needs no Stripe, to what is down.
    """
    checks = await probes.check()
    readiness = checks.readiness()
    if readiness is Readiness.UNAVAILABLE:
        response.status_code = Unavailable.status
        response.headers.update(Unavailable.headers)
    return Ready(status=readiness, checks=checks)
