"""The naive shape's door: ``uvicorn --factory bench.others.naive.app:create_app``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel
from pymongo import AsyncMongoClient
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from bench.others.naive.messages import QUEUE, Purchase, naive_id
from bench.others.naive.settings import NaiveSettings
from bench.others.naive.store import Store, Stored
from bench.others.naive.workflow import NaivePurchase
from services.settings import read_settings
from temporal.client import connect
from temporal.settings import TemporalSettings

POLL_SECONDS: Final = 0.02
PATIENCE_SECONDS: Final = 20


class BuyTicket(BaseModel):
    """Which ticket somebody wants."""

    ticket_id: str


class PayOrder(BaseModel):
    """What an order is paid with."""

    order_id: str
    card: str


class Shop:
    """What a request is served with."""

    def __init__(self, store: Store, temporal: Client, window: timedelta) -> None:
        self.store = store
        self.temporal = temporal
        self.window = window


def _shop(request: Request) -> Shop:
    shop: Shop = request.app.state.shop
    return shop


Served = Annotated[Shop, Depends(_shop)]
Buyer = Annotated[str, Header(alias="X-Buyer")]

router = APIRouter()


@router.get("/healthz", status_code=204)
async def healthy() -> None:
    """Answer."""


@router.post("/api/orders", status_code=201)
async def buy(body: BuyTicket, buyer: Buyer, shop: Served) -> Stored:
    """Start a purchase, then look every 20 ms whether the ticket is held."""
    order_id = str(uuid4())
    await shop.temporal.start_workflow(
        NaivePurchase.run,
        Purchase(order_id=order_id, ticket_id=body.ticket_id, buyer=buyer, window=shop.window),
        id=naive_id(order_id),
        task_queue=QUEUE,
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (order := await shop.store.orders.find_one({"_id": order_id})) is None:  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise HTTPException(504, "Nobody took the order in time.") from None
    if order["status"] == "cancelled":
        raise HTTPException(409, "The ticket is not available.")
    return {"id": order_id, "status": order["status"]}


@router.post("/api/payments", status_code=202)
async def pay(body: PayOrder, shop: Served) -> None:
    """Tell the purchase how it is paid."""
    purchase = shop.temporal.get_workflow_handle(naive_id(body.order_id))
    try:
        await purchase.signal(NaivePurchase.pay, body.card)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise HTTPException(409, "The purchase is over.") from None


@asynccontextmanager
async def _open(app: FastAPI) -> AsyncIterator[None]:
    settings = NaiveSettings()
    temporal = await connect(read_settings(TemporalSettings))
    async with AsyncMongoClient[Stored](settings.mongodb) as mongodb:
        app.state.shop = Shop(Store(mongodb), temporal, settings.window)
        yield


def create_app() -> FastAPI:
    """Start and poll; it reads the environment when it serves."""
    app = FastAPI(title="The naive shape", lifespan=_open)
    app.include_router(router)
    return app
