"""``make demo``: five purchases against a running ``make dev``, told as they happen.

Everything goes through the front door, as a browser would: REST for people, the official Stripe SDK
for their cards. Only the hold of the purchase that expires is started short, straight at Temporal,
when the stack's own reservation window would make everybody wait.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any, Final
from uuid import uuid4

import httpx
import stripe
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from devstack.folder import CHECKOUT
from devstack.settings import SettingsError, with_dotenv
from devstack.stack import application_environment
from services.payments.stripe import StripeSettings, open_stripe
from temporal.client import connect, last_breath
from temporal.purchases import Purchases
from temporal.settings import TemporalSettings

SHORT_WINDOW: Final = timedelta(seconds=8)
LONGEST_WAIT: Final = 60
"""A stack whose own window is longer than this many seconds gets a short hold for the demo."""

PATIENCE_SECONDS: Final = 60
INTERRUPTED_EXIT: Final = 130
BILLING: Final = {
    "name": "Ada Lovelace",
    "address": {
        "line1": "178 Victoria St",
        "city": "Toronto",
        "region": "ON",
        "postal_code": "M5B 1T7",
        "country": "CA",
    },
}

Json = dict[str, Any]


class DemoFailedError(RuntimeError):
    """Something did not go as it should have; the text says what."""


@dataclass(frozen=True)
class Person:
    """Somebody with a browser."""

    http: httpx.AsyncClient

    async def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """One request; anything but success ends the demo with the problem's own words."""
        answer = await self.http.request(method, path, json=body)
        if answer.is_error:
            raise DemoFailedError(f"{method} {path}: {answer.status_code} {answer.text}")
        found: Json = answer.json()
        return found

    async def order(self, order_id: str) -> Json:
        """An order of theirs."""
        return await self.call("GET", f"/api/orders/{order_id}")


class Demo:
    """The cast and the five scenes."""

    def __init__(
        self,
        seller: Person,
        buyer: Person,
        *,
        cards: stripe.StripeClient,
        purchases: Purchases,
        console: Console,
        temporal_ui: str,
        namespace: str,
    ) -> None:
        self._seller = seller
        self._buyer = buyer
        self._cards = cards
        self._purchases = purchases
        self._console = console
        self._workflows = f"{temporal_ui}/namespaces/{namespace}/workflows"

    async def play(self) -> None:
        """All five, one after the other."""
        scenes: Mapping[str, Callable[[], Awaitable[Json]]] = {
            "A sale": self.sale,
            "A declined card, then one that pays": self.declined_then_paid,
            "A hold that expires": self.expiry,
            "A buyer who changes their mind": self.cancellation,
            "A refund": self.refund,
        }
        for number, (title, scene) in enumerate(scenes.items(), start=1):
            self._console.rule(f"[bold]{number} of {len(scenes)}: {title}")
            self._tell(await scene())

    async def sale(self) -> Json:
        """Reserve, address, card, done."""
        order = await self._reserve("Rock Concert", 16000)
        order = await self._bill(order)
        await self._pay(order, "pm_card_visa")
        return await self._until(order, "complete")

    async def declined_then_paid(self) -> Json:
        """The order waits while the buyer looks for another card."""
        order = await self._bill(await self._reserve("Soccer Match", 4500))
        await self._pay(order, "pm_card_visa_chargeDeclinedInsufficientFunds")
        order = await self._when(
            order, lambda found: found["payment"]["last_error"] is not None, "the refusal"
        )
        self._say(f"declined: {order['payment']['last_error']['message']}")
        await self._pay(order, "pm_card_mastercard")
        return await self._until(order, "complete")

    async def expiry(self) -> Json:
        """Nobody pays; the ticket is for sale again."""
        window = (await self._buyer.call("GET", "/api/config"))["reservation_window"]
        ticket = await self._list("Jazz Night", 8000)
        if window > LONGEST_WAIT:
            self._say(f"the stack holds tickets {window} s; this hold is started with 8 s instead")
            order_id = await self._reserve_briefly(ticket)
        else:
            found = await self._buyer.call("POST", "/api/orders", {"ticket_id": ticket["id"]})
            order_id = found["id"]
        order = await self._buyer.order(order_id)
        self._say(f"order {order_id} holds the ticket until {order['expires_at']}")
        with self._console.status("nobody pays…") as status:
            while (left := _seconds_until(order["expires_at"])) > 0:
                status.update(f"nobody pays… {left:.0f} s left")
                await asyncio.sleep(min(1, left))
        order = await self._until(order, "cancelled")
        again = await self._buyer.call("GET", f"/api/tickets/{ticket['id']}")
        self._say(f"the ticket is {again['status']} again")
        return order

    async def cancellation(self) -> Json:
        """The buyer lets go before paying."""
        order = await self._bill(await self._reserve("Opera", 12000))
        self._say("the buyer cancels")
        await self._buyer.call("POST", f"/api/orders/{order['id']}/cancel")
        return await self._until(order, "cancelled")

    async def refund(self) -> Json:
        """Paid, then given back in full."""
        order = await self._bill(await self._reserve("Theatre", 7000))
        await self._pay(order, "pm_card_visa")
        order = await self._until(order, "complete")
        self._say("the buyer asks for a refund")
        await self._buyer.call("POST", f"/api/orders/{order['id']}/refund")
        return await self._until(order, "refunded")

    async def _list(self, title: str, amount: int) -> Json:
        return await self._seller.call(
            "POST",
            "/api/tickets",
            {"title": title, "price": {"amount": amount, "currency": "CAD"}, "seat": "A 12"},
        )

    async def _reserve(self, title: str, amount: int) -> Json:
        ticket = await self._list(title, amount)
        order = await self._buyer.call("POST", "/api/orders", {"ticket_id": ticket["id"]})
        self._say(f"order {order['id']} holds “{title}”")
        return order

    async def _reserve_briefly(self, ticket: Json) -> str:
        order_id, buyer = str(uuid4()), await self._buyer.call("GET", "/api/users/me")
        await self._purchases.start(
            order_id=order_id,
            ticket_id=ticket["id"],
            ticket_version=ticket["version"],
            buyer_id=buyer["id"],
            billing_id=None,
            window=SHORT_WINDOW,
            extension=timedelta(0),
            summary=f"{ticket['price']['amount'] / 100:.2f} CAD, a hold of 8 s",
        )
        return order_id

    async def _bill(self, order: Json) -> Json:
        billed = await self._buyer.call("PUT", f"/api/orders/{order['id']}/billing", BILLING)
        lines = ", ".join(f"{line['name']} {_money(line['amount'])}" for line in billed["lines"])
        self._say(f"address given: {lines}; to pay {_money(billed['total'])}")
        return billed

    async def _pay(self, order: Json, payment_method: str) -> None:
        intent = order["payment"]["client_secret"].partition("_secret_")[0]
        self._say(f"the buyer pays with {payment_method}")
        try:
            await self._cards.v1.payment_intents.confirm_async(
                intent, {"payment_method": payment_method}
            )
        except stripe.CardError as error:
            self._say(f"Stripe: {error.code}")

    async def _until(self, order: Json, status: str) -> Json:
        return await self._when(order, lambda found: found["status"] == status, status)

    async def _when(self, order: Json, condition: Callable[[Json], bool], what: str) -> Json:
        with self._console.status(f"waiting for {what}…"):
            for _ in range(PATIENCE_SECONDS * 5):
                found = await self._buyer.order(order["id"])
                if condition(found):
                    return found
                await asyncio.sleep(0.2)
        raise DemoFailedError(f"order {order['id']} did not reach: {what}; it is {found['status']}")

    def _tell(self, order: Json) -> None:
        self._say(f"order {order['id']}: [bold]{order['status']}[/bold]")
        table = Table("at (UTC)", "what")
        for entry in order["timeline"]:
            table.add_row(entry["at"][11:23], entry["what"])
        self._console.print(table)
        kinds = ["purchase", "refund"] if order["refund"] else ["purchase"]
        for kind in kinds:
            self._console.print(f"  {kind}: {self._workflows}/{kind}-{order['id']}", soft_wrap=True)

    def _say(self, text: str) -> None:
        self._console.print(f"  {text}", soft_wrap=True, highlight=False)


def _money(money: Json) -> str:
    return f"{money['amount'] / 100:.2f} {money['currency']}"


def _seconds_until(moment: str) -> float:
    return (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()


async def _register(http: httpx.AsyncClient, name: str) -> Person:
    person = Person(http)
    email = f"{name}-{uuid4().hex[:8]}@example.com"
    credentials = {"email": email, "password": token_urlsafe(12)}
    await person.call("POST", "/api/users/register", credentials)
    return person


async def run(environ: Mapping[str, str], console: Console) -> None:
    """Play against the stack that this environment describes."""
    base_url = environ["PUBLIC_URL"]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(last_breath())
        browsers = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=base_url, timeout=20, trust_env=False)
            )
            for _ in range(2)
        ]
        cards = await stack.enter_async_context(
            open_stripe(
                StripeSettings.model_validate(
                    {
                        "secret_key": environ["STRIPE_SECRET_KEY"],
                        "api_base": environ.get("STRIPE_API_BASE", "https://api.stripe.com"),
                    }
                )
            )
        )
        client = await _connect(environ)
        demo = Demo(
            await _register(browsers[0], "seller"),
            await _register(browsers[1], "buyer"),
            cards=cards,
            purchases=Purchases(client),
            console=console,
            temporal_ui=environ["TEMPORAL_UI_URL"],
            namespace=environ["TEMPORAL_NAMESPACE"],
        )
        await demo.play()


async def _connect(environ: Mapping[str, str]) -> Client:
    address, namespace = environ["TEMPORAL_ADDRESS"], environ["TEMPORAL_NAMESPACE"]
    try:
        return await connect(TemporalSettings(address=address, namespace=namespace))
    except RuntimeError:  # how the SDK says that nobody is there
        raise DemoFailedError(
            f"Temporal does not answer at {address} (TEMPORAL_PORT, TEMPORAL_ADDRESS)"
        ) from None


def main() -> None:
    """Play it; exit code 1 and one sentence when something is not as it should be."""
    argparse.ArgumentParser(
        prog="python -m devstack.demo",
        description="Play a sale, a declined card, an expiry, a cancellation and a refund against "
        "a running `make dev`. Reads the same variables (PORT, TEMPORAL_PORT, …).",
    ).parse_args()
    console = Console()
    environ: Mapping[str, str] = {}
    try:
        environ = application_environment(with_dotenv(os.environ, CHECKOUT / ".env"))
        os.environ["no_proxy"] = environ["no_proxy"]  # read by the Stripe SDK's HTTP client
        asyncio.run(run(environ, console))
    except httpx.ConnectError:
        sys.exit(
            "Nothing answers at the API's address: start the stack first, with `make dev`; on moved"
            " ports, give `make demo` the same variables."
        )
    except httpx.TimeoutException:
        sys.exit("The demo stopped: the API took too long to answer; see .dev/log/api.log.")
    except stripe.APIConnectionError:
        sys.exit(
            "The demo stopped: Stripe does not answer at"
            f" {environ.get('STRIPE_API_BASE', 'its address')} (STRIPE_PORT, STRIPE_API_BASE)."
        )
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED_EXIT)
    except (DemoFailedError, SettingsError, RuntimeError) as error:
        sys.exit(f"The demo stopped: {error}")
    console.print("[bold green]All five went as they should.")


if __name__ == "__main__":
    main()
