"""What must hold at every moment, whatever is under way."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.api.market import Market

Stored = dict[str, Any]


async def broken(market: Market) -> list[str]:
    """Everything that is wrong at this moment.

    Things go on while they are looked at. Orders are read between two looks at the money, so that
    each is held against the look that cannot be too early or too late for what it says.
    """
    before = await _accounts(market)
    tickets = {each["_id"]: each async for each in market.databases.tickets["tickets"].find()}
    orders = await market.databases.orders["orders"].find().to_list()
    again = {each["_id"]: each async for each in market.databases.tickets["tickets"].find()}
    after, open_tills = await _accounts(market), await _open_tills(market)
    still = {name for name, ticket in tickets.items() if ticket == again.get(name)}
    claims = Counter(order["ticket_id"] for order in orders if order["active"])
    found = [f"{count} active orders for {ticket}" for ticket, count in claims.items() if count > 1]
    for order in orders:
        intent = order["payment"]["payment_intent_id"] or ""
        found += _too_early(order, before.get(intent, {}))
        found += _about_money(order, after.get(intent, {}))
        if order["status"] == "cancelled" and intent in open_tills:
            found.append(f"{_said(order)}: it can still be paid")
        if order["ticket_id"] in still:
            found += _about_ticket(order, tickets[order["ticket_id"]])
    return found


async def _accounts(market: Market) -> Stored:
    accounts: Stored = (await market.hooks.get("/ledger"))["payment_intents"]
    return accounts


async def _open_tills(market: Market) -> set[str]:
    page = await market.stripe.v1.payment_intents.list_async({"limit": 100})
    return {each.id for each in page.data if each.status not in ("canceled", "succeeded")}


def _said(order: Stored) -> str:
    return f"order {order['_id']} ({order['status']})"


def _too_early(order: Stored, account: Stored) -> Iterator[str]:
    if order["status"] == "created" and account.get("captured", 0):
        yield f"{_said(order)}: captured"


def _about_money(order: Stored, account: Stored) -> Iterator[str]:
    captured, refunded = int(account.get("captured", 0)), int(account.get("refunded", 0))
    if len(account.get("captures", [])) > 1:
        yield f"{_said(order)}: captured twice"
    if refunded > captured:
        yield f"{_said(order)}: {refunded} refunded of {captured}"
    if order["status"] in ("cancelled", "refunded") and captured != refunded:
        yield f"{_said(order)}: {captured - refunded} kept"
    if order["status"] == "complete" and captured != order["total"]["amount"]:
        yield f"{_said(order)}: {captured} captured, the total is {order['total']}"


def _about_ticket(order: Stored, ticket: Stored) -> Iterator[str]:
    said = f"{_said(order)}, ticket {ticket['status']}"
    mine = ticket["held_by"] == order["_id"]
    if order["status"] == "complete" and not (mine and ticket["status"] == "sold"):
        yield f"{said}: complete, and the ticket is not theirs"
    if order["status"] == "cancelled" and mine and ticket["status"] == "sold":
        yield f"{said}: cancelled, and the ticket is sold to them"
