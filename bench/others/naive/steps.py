"""The activities of a naive purchase."""

import httpx
import stripe
from temporalio import activity

from bench.others.naive.messages import Charge, Purchase
from bench.others.naive.store import Store


class Steps:
    """What its worker can do."""

    def __init__(self, store: Store, client: stripe.StripeClient, post: httpx.AsyncClient) -> None:
        self._store = store
        self._stripe = client
        self._post = post

    @activity.defn(name="naive_reserve")
    async def reserve(self, purchase: Purchase) -> bool:
        """Hold the ticket; repeating it changes nothing."""
        return await self._store.reserve(purchase.order_id, purchase.ticket_id, purchase.buyer)

    @activity.defn(name="naive_charge")
    async def charge(self, charge: Charge) -> bool:
        """Take the price at once, with the order as key; False when the card is declined."""
        order = await self._store.orders.find_one({"_id": charge.order_id}) or {}
        try:
            intent = await self._stripe.v1.payment_intents.create_async(
                {
                    "amount": order["price"],
                    "currency": "cad",
                    "payment_method": charge.card,
                    "confirm": True,
                    "allowed_payment_method_types": ["card"],
                    "metadata": {"order_id": charge.order_id},
                },
                {"idempotency_key": charge.order_id},
            )
        except stripe.CardError:
            return False
        return intent.status == "succeeded"

    @activity.defn(name="naive_complete")
    async def complete(self, purchase: Purchase) -> None:
        """Write that it is done; repeating it changes nothing."""
        await self._store.complete(purchase.order_id)

    @activity.defn(name="naive_mail")
    async def mail(self, purchase: Purchase) -> None:
        """Confirm the order. Repeating it sends another mail."""
        letter = {
            "from": "Ticket Exchange <tickets@example.com>",
            "to": [f"{purchase.buyer}@example.com"],
            "subject": "Order Confirmed!",
            "text": f"Order {purchase.order_id}: your order was successfully processed.",
        }
        (await self._post.post("/emails", json=letter)).raise_for_status()

    @activity.defn(name="naive_release")
    async def release(self, purchase: Purchase) -> None:
        """Give the ticket back; repeating it changes nothing."""
        await self._store.release(purchase.order_id)
