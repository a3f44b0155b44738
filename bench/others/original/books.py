"""What the twin, Stripe and the mailbox say in the end."""

from collections.abc import Collection

import httpx
from pymongo import AsyncMongoClient

from bench.others.aftermath import Aftermath, Placed
from bench.others.evidence import Evidence, confirmed, taken
from bench.others.original.store import Store, Stored


async def aftermath_of(mongodb: str, stripe: str, mail: str) -> Aftermath:
    """Count in a twin at rest; ``stripe`` and ``mail`` are the simulators' addresses."""
    async with AsyncMongoClient[Stored](mongodb) as client, httpx.AsyncClient() as http:
        return (await evidence_of(client, http, stripe, mail)).aftermath()


async def evidence_of(
    client: AsyncMongoClient[Stored],
    http: httpx.AsyncClient,
    stripe: str,
    mail: str,
    known: Collection[str] = frozenset(),
) -> Evidence:
    """Everything but the payments that are known already."""
    orders = await Store(client).orders.find().to_list()
    return Evidence(
        [Placed(each["_id"], each["ticket_id"], each["status"]) for each in orders],
        await taken(http, stripe, known),
        await confirmed(http, mail),
    )
