"""``python -m bench.hot.raw``: hands that compare and set one ticket, with nothing in front of it.

The write is the shop's own, over its own connections: what a purchase decides with.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus

from bench.hot.errands import Answer, Errand
from bench.hot.process import Work, do
from services.clock import now
from services.database import MongoSettings, open_databases
from services.ids import new_id
from services.tickets.store import TicketStore


@asynccontextmanager
async def prepared(errand: Errand) -> AsyncIterator[Work]:
    """MongoDB is connected before anything is measured."""
    async with open_databases(MongoSettings(uri=errand.where)):
        yield lambda: _saturating(errand)


async def _saturating(errand: Errand) -> list[Answer]:
    tickets, over, answers = TicketStore(), time.monotonic() + errand.seconds, list[Answer]()

    async def hand() -> None:
        buyer_id = new_id()
        while (began := time.monotonic()) < over:
            at = now()
            found = await tickets.reserve(
                errand.ticket_id,
                order_id=new_id(),
                buyer_id=buyer_id,
                version=1,
                until=at + timedelta(minutes=15),
                at=at,
            )
            status = HTTPStatus.CONFLICT if found is None else HTTPStatus.CREATED
            answers.append(Answer(status=status, milliseconds=(time.monotonic() - began) * 1000))

    await asyncio.gather(*(hand() for _ in range(errand.hands)))
    return answers


if __name__ == "__main__":
    do(prepared)
