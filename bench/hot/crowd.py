"""``python -m bench.hot.crowd``: buyers who all want one ticket, in a process of their own."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Final
from uuid import uuid4

from bench.engine.load import at_their_time
from bench.hot.errands import Answer, Errand, How
from bench.hot.process import Work, do
from bench.hot.request import wants
from bench.lines import Line, a_line

CONNECTING: Final = 50
"""Connections that are made at the same time, before anything is measured."""


@asynccontextmanager
async def prepared(errand: Errand) -> AsyncIterator[Work]:
    """Everybody has a connection before anything is measured."""
    requests = _requests(errand)
    count = len(errand.buyers) if errand.how is How.AT_ONCE else errand.hands
    lines = await _lines(errand.where, count)
    match errand.how:
        case How.AT_ONCE:
            yield lambda: _at_once(lines, requests)
        case How.PACED:
            yield lambda: _paced(errand, lines, requests)
        case How.SATURATING:
            yield lambda: _saturating(lines, requests, errand.seconds)
    for line in lines:
        line.close()


def _requests(errand: Errand) -> Iterator[bytes]:
    """What the buyers ask, over and over again."""
    for buyer in cycle(errand.buyers):
        key = str(uuid4()) if errand.with_keys else None
        yield wants(errand.where, errand.ticket_id, buyer, key)


async def _lines(api: str, count: int) -> list[Line]:
    found: list[Line] = []
    while missing := min(CONNECTING, count - len(found)):
        found += await asyncio.gather(*(a_line(api) for _ in range(missing)))
    return found


async def _at_once(lines: list[Line], requests: Iterator[bytes]) -> list[Answer]:
    pairs = list(zip(lines, requests, strict=False))  # who asks again is another errand
    now = time.monotonic()
    return await asyncio.gather(*(_asked(line, request, now) for line, request in pairs))


async def _paced(errand: Errand, free: list[Line], requests: Iterator[bytes]) -> list[Answer]:
    async def one(due: float) -> Answer:
        line = next((each for each in _taken(free) if each.is_fresh), None)
        line = line or await a_line(errand.where)
        answer = await _asked(line, next(requests), due)
        free.append(line)
        return answer

    return await at_their_time(one, per_second=errand.per_second, seconds=errand.seconds)


def _taken(free: list[Line]) -> Iterator[Line]:
    """What was used last comes first."""
    while free:
        yield free.pop()


async def _saturating(lines: list[Line], requests: Iterator[bytes], seconds: float) -> list[Answer]:
    over = time.monotonic() + seconds
    answers: list[Answer] = []

    async def hand(line: Line) -> None:
        while (now := time.monotonic()) < over:
            answers.append(await _asked(line, next(requests), now))

    await asyncio.gather(*(hand(line) for line in lines))
    return answers


async def _asked(line: Line, request: bytes, due: float) -> Answer:
    status = (await line.ask(request)).status
    return Answer(status=status, milliseconds=(time.monotonic() - due) * 1000)


if __name__ == "__main__":
    do(prepared)
