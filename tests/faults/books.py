"""The promises, held against what MongoDB, Stripe's books and the mailbox say in the end."""

from collections import Counter
from typing import Any, Final

import httpx
from pymongo import MongoClient

from devstack.mongod import mongod_uri
from tests.e2e.system import System

FINAL: Final = {"complete", "cancelled", "refunded"}
Stored = dict[str, Any]


def closed_books(system: System) -> list[str]:
    """Everything that does not agree; empty when all promises are kept."""
    with MongoClient[Stored](mongod_uri(int(system.environ["MONGODB_PORT"]))) as client:
        orders = list(client["te_orders"]["orders"].find({"status": {"$ne": "abandoned"}}))
        tickets = {each["_id"]: each for each in client["te_tickets"]["tickets"].find()}
        inbox = list(client["te_payments"]["inbox"].find({"status": "received"}))
        letters = Counter(each["_id"] for each in client["te_orders"]["sent_mail"].find())
    accounts = httpx.get(f"{system.stripe_address}/_sim/ledger").raise_for_status().json()
    money = accounts["payment_intents"]
    wrong = [f"event {each['_id']} was never handled" for each in inbox]
    wrong += [f"mail {key} was sent {count} times" for key, count in letters.items() if count > 1]
    for order in orders:
        wrong += [f"order {order['_id']}: {each}" for each in _wrong(order, tickets, money)]
    claims = Counter(order["ticket_id"] for order in orders if order["active"])
    wrong += [f"ticket {ticket}: {count} orders" for ticket, count in claims.items() if count > 1]
    held_by = {each["held_by"] for each in tickets.values() if each["status"] != "available"}
    complete = {order["_id"] for order in orders if order["status"] == "complete"}
    wrong += [f"a ticket is held for {order}" for order in held_by - complete]
    return wrong


def _wrong(order: Stored, tickets: dict[str, Stored], money: dict[str, Stored]) -> list[str]:
    found = []
    if order["status"] not in FINAL:
        found.append(f"is {order['status']}")
    account = money.get(order["payment"]["payment_intent_id"] or "", {})
    kept = account.get("captured", 0) - account.get("refunded", 0)
    owed = order["total"]["amount"] if order["status"] == "complete" else 0
    if kept != owed:
        found.append(f"{kept} kept, {owed} sold")
    if len(account.get("captures", [])) > 1 or len(account.get("refunds", [])) > 1:
        found.append("money moved twice")
    ticket = tickets[order["ticket_id"]]
    sold = (ticket["status"], ticket["held_by"]) == ("sold", order["_id"])
    if sold != (order["status"] == "complete"):
        found.append(f"is {order['status']}, its ticket {ticket['status']}")
    return found
