"""What the twin, Stripe and the mailbox say in the end."""

import re
from typing import Final

import httpx
from pymongo import AsyncMongoClient

from bench.others.aftermath import Aftermath, Placed, Taken
from bench.others.original.store import Store, Stored

PAGE: Final = 1000
ORDER: Final = re.compile(r"^Order (\w+):")


async def aftermath_of(mongodb: str, stripe: str, mail: str) -> Aftermath:
    """Count in a twin at rest; ``stripe`` and ``mail`` are the simulators' addresses."""
    async with AsyncMongoClient[Stored](mongodb) as client, httpx.AsyncClient() as http:
        orders = await Store(client).orders.find().to_list()
        return Aftermath.of(
            [Placed(each["_id"], each["ticket_id"], each["status"]) for each in orders],
            await _taken(http, stripe),
            await _confirmed(http, mail),
        )


async def _taken(http: httpx.AsyncClient, stripe: str) -> list[Taken]:
    """Every payment of the books with the order that Stripe was told it is for."""
    ledger = (await http.get(f"{stripe}/_sim/ledger")).raise_for_status().json()
    found = []
    for intent, account in ledger["payment_intents"].items():
        answer = await http.get(
            f"{stripe}/v1/payment_intents/{intent}", auth=("sk_test_original", "")
        )
        order = answer.raise_for_status().json()["metadata"]["order_id"]
        found.append(Taken(order, account["captured"], account["refunded"]))
    return found


async def _confirmed(http: httpx.AsyncClient, mail: str) -> list[str]:
    """The order of each mail that lies in the inbox."""
    listed = (await http.get(f"{mail}/emails", params={"limit": PAGE})).raise_for_status().json()
    found = []
    for each in listed:
        letter = (await http.get(f"{mail}/emails/{each['id']}")).raise_for_status().json()
        if told := ORDER.match(letter["text"]):
            found.append(told[1])
    return found
