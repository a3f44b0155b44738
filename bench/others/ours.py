"""The real stack through its real API, as the other shapes are bought from."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import uuid4

from bench.engine.histories import transitions
from bench.engine.shopping import SECRET_KEY
from bench.engine.stack import OURS, OUTSIDE, Stack
from bench.others.aftermath import Placed, Taken
from bench.others.evidence import Evidence, ledger
from bench.others.shape import AGAIN_SECONDS, CARD, Json, Order, Shape, Wish, created, insistent
from temporal.client import open_purchases
from tests.e2e.system import BILLING
from workflows.purchase.address import purchase_workflow_id

CONFIRMED: Final = "Order Confirmed!"


class Ours(Shape):
    """Ticket Exchange."""

    name = "ours"
    database = "te_orders"

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._known: Collection[str] = frozenset()
        self._one_at_a_time = asyncio.Lock()

    async def pids(self) -> Mapping[str, int]:
        """Without the engine's twin, which is at rest here."""
        return {name: self._stack.pids[name] for name in (*OURS, *OUTSIDE)}

    async def wishes(self, count: int) -> list[Wish]:
        """People who are signed in, each with the click of their browser."""
        await self._stack.stock.lay_in(count)
        pairs = [self._stack.stock.take() for _ in range(count)]
        return [Wish(each.ticket_id, each.token, str(uuid4())) for each in pairs]

    async def click(self, wish: Wish) -> Order | None:
        """With the address; payable, or refused."""
        url = f"{self._stack.system.api}/api/orders"
        cookie = {"Cookie": f"session={wish.buyer}"}
        answer = await insistent(
            self._stack.http,
            "POST",
            url,
            json={"ticket_id": wish.ticket_id, "billing": BILLING},
            headers={**cookie, "Idempotency-Key": wish.key},
        )
        if not created(answer):
            return None
        order: Json = answer.json()
        while order["payment"]["client_secret"] is None:
            if order["status"] not in {"created", "awaiting_payment"}:
                return Order(order["id"], wish)
            await asyncio.sleep(AGAIN_SECONDS)
            look = await insistent(self._stack.http, "GET", f"{url}/{order['id']}", headers=cookie)
            order = look.raise_for_status().json()
        return Order(order["id"], wish, order["payment"]["client_secret"])

    async def pay(self, order: Order) -> bool:
        """The browser pays at Stripe, which tells us."""
        intent = order.secret.partition("_secret_")[0]
        if not intent:
            return False
        answer = await insistent(
            self._stack.http,
            "POST",
            f"{self._stack.system.stripe_address}/v1/payment_intents/{intent}/confirm",
            data={"payment_method": CARD},
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
        )
        return created(answer)

    async def ended(self, order: Order) -> None:
        """With its workflow, mail to both included."""
        workflow_id = purchase_workflow_id(order.order_id)
        await self._stack.client.get_workflow_handle(workflow_id).result()

    async def transitions(self, order: Order) -> int | None:
        """As the server says."""
        return await transitions(self._stack.client, purchase_workflow_id(order.order_id))

    async def put_off(self) -> int:
        """None: a purchase ends with its mails."""
        return 0

    async def busy(self) -> int:
        """Purchases that go on, as far as Temporal's search knows."""
        return await open_purchases(self._stack.client)

    async def prepare_for_blows(self) -> None:
        """Its holds are short from the beginning."""
        self._known = frozenset(await ledger(self._stack.http, self._stack.system.stripe_address))

    async def strike(self, part: str) -> None:
        """The supervisor starts it again."""
        async with self._one_at_a_time:
            await asyncio.to_thread(self._stack.system.kill, part)

    async def evidence(self, wishes: Collection[Wish]) -> Evidence:
        """An order that was abandoned before it touched its ticket is over like a cancelled one."""
        tickets = [each.ticket_id for each in wishes]
        orders = self._stack.databases.orders["orders"]
        found = await orders.find({"ticket_id": {"$in": tickets}}).to_list()
        intents = {each["payment"]["payment_intent_id"]: each["_id"] for each in found}
        accounts = await ledger(self._stack.http, self._stack.system.stripe_address)
        return Evidence(
            [Placed(each["_id"], each["ticket_id"], _status(each["status"])) for each in found],
            [
                Taken(intents.get(intent, intent), account["captured"], account["refunded"])
                for intent, account in accounts.items()
                if intent not in self._known and account["captured"]
            ],
            await self._confirmed(found),
        )

    async def _confirmed(self, orders: list[dict[str, Any]]) -> list[str]:
        """By the buyer's address: nobody here buys twice."""
        buyers = {each["buyer_id"]: each["_id"] for each in orders}
        users = self._stack.databases.auth["users"]
        people = await users.find({"_id": {"$in": list(buyers)}}).to_list()
        found = []
        for person in people:
            listed = await self._stack.http.get(
                f"{self._stack.system.mail}/emails", params={"to": person["email"]}
            )
            found += [
                buyers[person["_id"]]
                for mail in listed.raise_for_status().json()
                if mail["subject"] == CONFIRMED
            ]
        return found


def _status(status: str) -> str:
    return "cancelled" if status == "abandoned" else status
