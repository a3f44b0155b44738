"""The promises, held against what MongoDB, Stripe's books and the mailbox say in the end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
from pymongo import MongoClient

from activities.account_letters import LETTERS
from devstack.mongod import mongod_uri
from tests.api.market import Market
from tests.e2e.system import System

FINAL: Final = {"complete", "cancelled", "refunded"}
ABOUT_ACCOUNTS: Final = {letter.subject for letter in LETTERS}
GIVEN_UP: Final = {"status": {"$ne": "abandoned"}}
NOT_HANDLED: Final = {"status": "received"}
Stored = dict[str, Any]


@dataclass(frozen=True)
class Books:
    """Everything that is written down about a market at rest."""

    orders: list[Stored]
    tickets: dict[str, Stored]
    """By id."""
    unhandled: list[str]
    """Ids of events that were taken and never acted upon."""
    written: set[str]
    """Orders about which somebody was written to, as we noted it."""
    mailbox: list[Stored]
    """The mails as they lie there."""
    money: dict[str, Stored]
    """Stripe's account of each PaymentIntent, in minor units."""

    def disagreements(self) -> list[str]:
        """Everything that does not agree; empty when all promises are kept."""
        return [
            *(f"event {each} was never handled" for each in self.unhandled),
            *self._about_orders(),
            *self._about_tickets(),
            *self._about_money(),
            *self._about_mail(),
        ]

    def _about_orders(self) -> Iterator[str]:
        for order in self.orders:
            said = f"order {order['_id']}"
            if order["status"] not in FINAL:
                yield f"{said} is {order['status']}"
            kept = _kept(self.money.get(order["payment"]["payment_intent_id"] or "", {}))
            owed = order["total"]["amount"] if order["status"] == "complete" else 0
            if kept != owed:
                yield f"{said}: {kept} kept, {owed} sold"
            ticket = self.tickets[order["ticket_id"]]
            sold = (ticket["status"], ticket["held_by"]) == ("sold", order["_id"])
            if sold != (order["status"] == "complete"):
                yield f"{said} is {order['status']}, its ticket {ticket['status']}"

    def _about_tickets(self) -> Iterator[str]:
        claims = Counter(order["ticket_id"] for order in self.orders if order["active"])
        yield from (f"ticket {each}: {count} orders" for each, count in claims.items() if count > 1)
        complete = {order["_id"] for order in self.orders if order["status"] == "complete"}
        held = {each["held_by"] for each in self.tickets.values() if each["status"] != "available"}
        yield from (f"a ticket is held for {each}" for each in held - complete)

    def _about_money(self) -> Iterator[str]:
        ours = {order["payment"]["payment_intent_id"] for order in self.orders}
        for intent, account in self.money.items():
            # A refund that failed is in the list again, as what it took back.
            refunds = sum(1 if each["amount"] > 0 else -1 for each in account["refunds"])
            if len(account["captures"]) > 1 or refunds > 1:
                yield f"{intent}: money moved twice"
            if account["authorized"] > account["captured"] + account["voided"]:
                yield f"{intent}: money is held for nobody"
            if intent not in ours and _kept(account):
                yield f"{intent}: money was kept for no order"

    def _about_mail(self) -> Iterator[str]:
        letters = Counter((mail["to"][0], mail["subject"]) for mail in self.mailbox)
        for (whom, subject), count in letters.items():
            if count > 1 and subject not in ABOUT_ACCOUNTS:
                yield f"{whom} was sent {count} times: {subject}"
        for order in self.orders:
            if order["status"] == "complete" and order["_id"] not in self.written:
                yield f"order {order['_id']}: nobody was written to"


def _kept(account: Stored) -> int:
    return int(account.get("captured", 0)) - int(account.get("refunded", 0))


def closed_books(system: System) -> list[str]:
    """Everything that does not agree in a stack at rest whose people buy or sell one ticket."""
    with MongoClient[Stored](mongod_uri(int(system.environ["MONGODB_PORT"]))) as client:
        orders = list(client["te_orders"]["orders"].find(GIVEN_UP))
        tickets = {each["_id"]: each for each in client["te_tickets"]["tickets"].find()}
        inbox = list(client["te_payments"]["inbox"].find(NOT_HANDLED))
        written = list(client["te_orders"]["sent_mail"].find())
    accounts = httpx.get(f"{system.stripe_address}/_sim/ledger").raise_for_status().json()
    return Books(
        orders=orders,
        tickets=tickets,
        unhandled=[each["_id"] for each in inbox],
        written={each["order_id"] for each in written},
        mailbox=_all_mail(system),
        money=accounts["payment_intents"],
    ).disagreements()


def _all_mail(system: System) -> list[Stored]:
    mails: list[Stored] = []
    while page := _mail_after(system, mails[-1]["id"] if mails else None):
        mails += page
    return mails


def _mail_after(system: System, last: str | None) -> list[Stored]:
    page = httpx.get(f"{system.mail}/emails", params={"after": last} if last else {}, timeout=30)
    found: list[Stored] = page.raise_for_status().json()
    return found


async def closed_books_of(market: Market) -> list[str]:
    """The same for a market in this process."""
    databases = market.databases
    orders = await databases.orders["orders"].find(GIVEN_UP).to_list()
    tickets = await databases.tickets["tickets"].find().to_list()
    inbox = await databases.payments["inbox"].find(NOT_HANDLED).to_list()
    written = await databases.orders["sent_mail"].find().to_list()
    accounts = await market.hooks.get("/ledger")
    return Books(
        orders=orders,
        tickets={each["_id"]: each for each in tickets},
        unhandled=[each["_id"] for each in inbox],
        written={each["order_id"] for each in written},
        mailbox=await market.post_to("@example.com"),
        money=accounts["payment_intents"],
    ).disagreements()
