"""What a shop, Stripe and the mailbox say in the end, of tickets that are looked into."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import httpx

from bench.others.aftermath import COMPLETE, Aftermath, Placed, Taken

PAGE: Final = 1000
ORDER: Final = re.compile(r"^Order (\S+):")


@dataclass(frozen=True)
class Evidence:
    """Everything that is written down about a shop at rest."""

    orders: list[Placed]
    payments: list[Taken]
    mails: list[str]
    """The order of each confirmation that was delivered."""

    def aftermath(self) -> Aftermath:
        """Counted."""
        return Aftermath.of(self.orders, self.payments, self.mails)

    def about(self, tickets: Collection[str], *, strays: bool = False) -> "Evidence":
        """Only what concerns these tickets; with ``strays`` also payments of unheard-of orders."""
        orders = [each for each in self.orders if each.ticket_id in tickets]
        ids = {each.order_id for each in orders}
        others = {each.order_id for each in self.orders} - ids if strays else set()
        return Evidence(
            orders,
            [
                each
                for each in self.payments
                if each.order_id in ids or (strays and each.order_id not in others)
            ],
            [each for each in self.mails if each in ids],
        )

    @property
    def complete(self) -> int:
        """How many orders ended as everybody wanted."""
        return sum(each.status == COMPLETE for each in self.orders)


async def taken(
    http: httpx.AsyncClient, stripe: str, known: Collection[str] = frozenset()
) -> list[Taken]:
    """Every payment of the books but the known, with the order that Stripe was told it is for."""
    found = []
    for intent, account in (await ledger(http, stripe)).items():
        if intent in known:
            continue
        answer = await http.get(
            f"{stripe}/v1/payment_intents/{intent}", auth=("sk_test_others", "")
        )
        order = answer.raise_for_status().json()["metadata"]["order_id"]
        found.append(Taken(order, account["captured"], account["refunded"]))
    return found


async def ledger(http: httpx.AsyncClient, stripe: str) -> dict[str, dict[str, int]]:
    """The simulator's books by PaymentIntent, in minor units."""
    answer = await http.get(f"{stripe}/_sim/ledger")
    booked: dict[str, dict[str, int]] = answer.raise_for_status().json()["payment_intents"]
    return booked


async def confirmed(http: httpx.AsyncClient, mail: str) -> list[str]:
    """The order of each of the newest mails that begins with one: both twins write so."""
    listed = (await http.get(f"{mail}/emails", params={"limit": PAGE})).raise_for_status().json()
    found = []
    for each in listed:
        letter = (await http.get(f"{mail}/emails/{each['id']}")).raise_for_status().json()
        if told := ORDER.match(letter["text"]):
            found.append(told[1])
    return found
