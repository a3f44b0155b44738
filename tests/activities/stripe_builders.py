"""Stripe from outside our code: the buyer's browser, the dashboard, the books, and its faults."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import pytest
import stripe
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from tests.devstack.stripe.helpers import Hooks

ENVIRONMENT: Final = "test"
PRIVATE: Final = "Jenny Rosen of Elm Street"
"""What a message of Stripe's may say, and history may not."""

CREATE: Final = "/v1/payment_intents"
CHANGE: Final = "/v1/payment_intents/*"
CAPTURE: Final = "/v1/payment_intents/*/capture"
CANCEL: Final = "/v1/payment_intents/*/cancel"
REFUND: Final = "/v1/refunds"

Request = TypeVar("Request")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Outside:
    """What happens at Stripe without us."""

    client: stripe.StripeClient
    hooks: Hooks

    async def open(self, order_id: str, amount: int = 11300) -> str:
        """A PaymentIntent of this order that nobody wrote down; its id."""
        intent = await self.client.v1.payment_intents.create_async(
            {
                "amount": amount,
                "currency": "cad",
                "capture_method": "manual",
                "allowed_payment_method_types": ["card"],
                "metadata": {"order_id": order_id, "environment": ENVIRONMENT},
            }
        )
        return intent.id

    async def pay(self, intent_id: str, card: str = "pm_card_visa") -> None:
        """The buyer's card is tried."""
        await self.client.v1.payment_intents.confirm_async(intent_id, {"payment_method": card})

    async def decline(self, intent_id: str, card: str = "pm_card_chargeDeclined") -> None:
        """The buyer's card is refused."""
        with pytest.raises(stripe.CardError):
            await self.pay(intent_id, card)

    async def held(self, order_id: str, amount: int = 11300) -> str:
        """A PaymentIntent whose money is held; its id."""
        intent_id = await self.open(order_id, amount)
        await self.pay(intent_id)
        return intent_id

    async def captured(self, order_id: str, amount: int = 11300) -> str:
        """A PaymentIntent whose money is ours; its id."""
        intent_id = await self.held(order_id, amount)
        await self.client.v1.payment_intents.capture_async(intent_id)
        return intent_id

    async def refund(self, intent_id: str, amount: int | None = None) -> stripe.Refund:
        """Somebody refunds it in the dashboard."""
        if amount is None:
            return await self.client.v1.refunds.create_async({"payment_intent": intent_id})
        return await self.client.v1.refunds.create_async(
            {"payment_intent": intent_id, "amount": amount}
        )

    async def intent(self, intent_id: str) -> stripe.PaymentIntent:
        """The PaymentIntent as it is."""
        return await self.client.v1.payment_intents.retrieve_async(intent_id)

    async def intents(self) -> list[stripe.PaymentIntent]:
        """All that there are."""
        return list((await self.client.v1.payment_intents.list_async({"limit": 100})).data)

    async def charged_at(self, intent_id: str) -> datetime:
        """When the bank said yes, or no."""
        charge_id = (await self.intent(intent_id)).latest_charge
        assert isinstance(charge_id, str)
        charge = await self.client.v1.charges.retrieve_async(charge_id)
        return datetime.fromtimestamp(charge.created, UTC)

    async def account(self, intent_id: str) -> dict[str, Any]:
        """The moves of money, from the simulator's books."""
        accounts = (await self.hooks.get("/ledger"))["payment_intents"]
        account: dict[str, Any] = accounts[intent_id]
        return account

    async def money(self, intent_id: str) -> tuple[int, int, int]:
        """What was captured, refunded and voided."""
        account = await self.account(intent_id)
        return account["captured"], account["refunded"], account["voided"]

    async def keys(self) -> list[str]:
        """The idempotency keys that came with requests, oldest first."""
        requests = await self.hooks.get("/requests")
        return [entry["idempotency_key"] for entry in requests if entry["idempotency_key"]]

    async def fail(self, path: str, *, effect: bool, status: int = 500) -> None:
        """The next POST there is answered with a server error that stays under its key."""
        kind = "error_after" if effect else "error_before"
        await self.hooks.fault(kind, path, status=status, message=PRIVATE)


async def run(step: Callable[[Request], Awaitable[Answer]], request: Request) -> Answer:
    """Run a step as a worker does."""
    return await ActivityEnvironment().run(step, request)


async def failure_of(step: Callable[[Request], Awaitable[Answer]], request: Request) -> Failure:
    """What goes into history when a step fails."""
    with pytest.raises(ApplicationError) as raised:
        await run(step, request)
    failure = Failure()
    converter = DataConverter.default
    converter.failure_converter.to_failure(raised.value, converter.payload_converter, failure)
    assert PRIVATE not in str(failure)
    return failure


def named(failure: Failure) -> tuple[str, bool]:
    """The failure's type and whether it is tried again."""
    info = failure.application_failure_info
    return info.type, not info.non_retryable
