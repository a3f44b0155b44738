"""The twin's API: ``uvicorn --factory bench.others.original.app:create_app``."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Final

import stripe
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel
from pymongo import AsyncMongoClient
from saq import Queue

from bench.others.original.settings import STARTS, OriginalSettings, open_queue
from bench.others.original.store import Store, Stored

NOT_FOUND: Final = "Route not found, or does not exist."
CLOSED: Final = {
    "cancelled": "Cannot create charge - order is cancelled.",
    "refunded": "Cannot create charge - order has been refunded.",
}


class BuyTicket(BaseModel):
    """Which ticket somebody wants."""

    ticket_id: str


class PayOrder(BaseModel):
    """What an order is paid with."""

    order_id: str
    card: str
    """A payment method, in place of the card token of Stripe's retired charges."""


class Shop:
    """What a request is served with."""

    def __init__(
        self, store: Store, queue: Queue, client: stripe.StripeClient, window: timedelta
    ) -> None:
        self.store = store
        self.queue = queue
        self.window = window
        self._stripe = client

    async def charge(self, order: Stored, card: str) -> str:
        """Take the price at once. Each call is another charge; the SDK's key is its own."""
        intent = await self._stripe.v1.payment_intents.create_async(
            {
                "amount": order["price"],
                "currency": "cad",
                "payment_method": card,
                "confirm": True,
                "allowed_payment_method_types": ["card"],
                "description": f"Order ID: {order['_id']}",
                "metadata": {
                    "order_id": order["_id"],
                    "timePurchased": str(int(time.time() * 1000)),
                },
            }
        )
        if intent.status != "succeeded":
            raise HTTPException(400, "Failed to charge user for the order.")
        return intent.id


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
    """Look whether the ticket is free, then write an order, then ask for its end."""
    ticket = await shop.store.tickets.find_one({"_id": body.ticket_id})
    if ticket is None:
        raise HTTPException(404, NOT_FOUND)
    if await shop.store.is_reserved(body.ticket_id):
        raise HTTPException(400, "Ticket is already reserved by another user.")
    order = await shop.store.opens(ticket, buyer, shop.window)
    due = int(order["expires_at"].timestamp())
    await shop.queue.enqueue("expire", order_id=order["_id"], scheduled=due, retries=STARTS)
    return {"id": order["_id"], "status": order["status"]}


@router.post("/api/payments", status_code=201)
async def pay(body: PayOrder, buyer: Buyer, shop: Served) -> Stored:
    """Charge, then write it down, then ask for the mail."""
    order = await shop.store.orders.find_one({"_id": body.order_id})
    if order is None:
        raise HTTPException(404, NOT_FOUND)
    if order["buyer"] != buyer:
        raise HTTPException(401, "User not authorized to access this resource.")
    if order["status"] in CLOSED:
        raise HTTPException(400, CLOSED[order["status"]])
    charge = await shop.charge(order, body.card)
    payment = await shop.store.pays(order["_id"], charge)
    await shop.queue.enqueue("mail", order_id=order["_id"], retries=STARTS)
    return {"id": payment}


@asynccontextmanager
async def _open(app: FastAPI) -> AsyncIterator[None]:
    settings = OriginalSettings()
    http = stripe.HTTPXClient()
    queue = open_queue(settings.redis)
    client = stripe.StripeClient(
        "sk_test_original", base_addresses={"api": settings.stripe}, http_client=http
    )
    async with AsyncMongoClient[Stored](settings.mongodb) as mongodb:
        store = Store(mongodb)
        await store.index()
        app.state.shop = Shop(store, queue, client, settings.window)
        try:
            yield
        finally:
            await queue.disconnect()
            await http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it unannotated


def create_app() -> FastAPI:
    """The twin of the orders and payments services; it reads the environment when it serves."""
    app = FastAPI(title="The original's shape", lifespan=_open)
    app.include_router(router)
    return app
