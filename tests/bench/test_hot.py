"""What is told of one ticket that everybody wants: promises first, then how long it took."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bench.hot import crowd, hot, page
from bench.hot.errands import Answer, Buyer, Errand, How, Outcome
from bench.hot.market import Rush
from bench.hot.process import Done, NotDoneError, send
from bench.hot.request import wants
from bench.lines import SILENT_SECONDS, a_line
from bench.results import Result, this_machine

ANN = Buyer(token="t" * 43, address="10.0.0.1")
REFUSED = b'HTTP/1.1 409 Conflict\r\ncontent-length: 4\r\nserver: us\r\n\r\n"no"'


def done(*statuses: int, milliseconds: float = 20, seconds: float = 1) -> Done:
    answers = [Answer(status=each, milliseconds=milliseconds) for each in statuses]
    outcome = Outcome(answers=answers, seconds=seconds, cpu_seconds=0.1)
    return Done(outcome, dict.fromkeys(("client", "api", "mongod"), 2.0))


def a_rush(*statuses: int, workflows: int = 1, orders: int = 1) -> Rush:
    return Rush(done(*statuses), workflows=workflows, orders=orders)


def a_result(milliseconds: float) -> Result:
    slow = done(409, 409, milliseconds=milliseconds)
    saturated = {
        f"{ticket}: {side}": [done(*[409] * tries)]
        for ticket in page.TICKETS
        for side, tries in {"api": 3, "raw": 12}.items()
    }
    return Result(
        name=hot.NAME,
        machine=this_machine(),
        rounds=1,
        figures={
            **hot.of_rushes([Rush(slow, workflows=1, orders=1)]),
            **hot.of_paces({"50": [slow]}),
            **hot.of_saturation(saturated),
        },
        notes={"buyers": "1,000", "hands": "64", "paces": "50", "seconds": "8"},
        broken=[],
    )


def test_one_winner_keeps_the_promises_whoever_is_told_to_come_again() -> None:
    assert hot.broken_by(a_rush(201, 409, 503, workflows=5)) == []


@pytest.mark.parametrize(
    ("rush", "told"),
    [
        (a_rush(201, 201, 409), "2 buyers won it, 1 orders have it"),
        (a_rush(409, 409), "0 buyers won it"),
        (a_rush(201, 409, orders=2), "1 buyers won it, 2 orders have it"),
        (a_rush(201, 409, workflows=6), "6 workflows were started on it"),
        (a_rush(201, 409, 500), "1 who wanted one ticket were answered 500"),
    ],
)
def test_a_promise_that_a_rush_broke_is_told(rush: Rush, told: str) -> None:
    (line,) = hot.broken_by(rush)

    assert told in line


def test_nobody_wins_what_is_gone() -> None:
    assert hot.strange([done(409, 503), done(201)]) == ["1 who wanted one ticket were answered 201"]


def test_the_ratio_is_of_tries_through_the_api_over_raw_ones() -> None:
    assert a_result(1).figures["held: R5"].values == [0.25]


@pytest.mark.parametrize(("milliseconds", "missed"), [(99, 0), (100, 2)])
def test_a_refusal_that_takes_too_long_is_told(milliseconds: float, missed: int) -> None:
    assert page.section(a_result(milliseconds)).count("**not met**") == missed


def test_the_section_tells_how_long_so_many_tries_keep_the_machine_busy() -> None:
    result = a_result(20)
    machine = result.machine.model_copy(update={"cores": 2})

    told = page.section(result.model_copy(update={"machine": machine}))

    assert "1,000 tries of 4.0 ms of CPU are 2.0 s of work for 2 cores" in told


def test_a_side_that_was_not_measured_is_left_out() -> None:
    result = a_result(20)
    assert "Idempotency-Key" not in page.section(result)

    keys = hot.of_saturation({f"held: {each}": [done(409)] for each in page.SIDES})
    told = page.section(result.model_copy(update={"figures": result.figures | keys}))

    assert told.count("`Idempotency-Key`") == 1


def test_the_same_figures_give_the_same_picture(tmp_path: Path) -> None:
    first, again = (page.plot(a_result(20), tmp_path / name)[0] for name in ("one", "two"))

    assert first.read_bytes() == again.read_bytes()
    assert b"<svg" in first.read_bytes()


@asynccontextmanager
async def a_server(*pieces: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answers each request with these pieces, one after the other; what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            asked.append(head + await reader.readuntil(b"}"))
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            if not pieces:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def test_an_answer_is_one_once_all_of_it_is_there() -> None:
    async with a_server(REFUSED[:30], REFUSED[30:-2], REFUSED[-2:]) as (api, asked):
        line = await a_line(api)

        assert [(await line.ask(wants(api, "t1", ANN))).status for _ in range(2)] == [409, 409]

        line.close()
    assert all(b"session=ttt" in each and b"10.0.0.1" in each for each in asked)
    assert len(asked) == 2


async def test_a_server_that_hangs_up_has_not_answered() -> None:
    async with a_server() as (api, _):
        line = await a_line(api)

        with pytest.raises(ConnectionResetError):
            await line.ask(wants(api, "t1", ANN))

        assert not line.is_fresh
        with pytest.raises(ConnectionResetError):
            await line.ask(wants(api, "t1", ANN))


async def test_a_line_that_was_silent_for_long_is_not_used_again() -> None:
    async with a_server(REFUSED) as (api, _):
        line = await a_line(api)
        assert line.is_fresh
        line._last_heard -= SILENT_SECONDS
        assert not line.is_fresh
        line.close()


@pytest.mark.parametrize(
    ("how", "tries"), [(How.AT_ONCE, {3}), (How.PACED, {10}), (How.SATURATING, None)]
)
async def test_a_crowd_tries_as_it_was_told(how: How, tries: set[int] | None) -> None:
    async with a_server(REFUSED) as (api, asked):
        errand = Errand(
            how=how,
            where=api,
            ticket_id="t1",
            buyers=[ANN] * 3,
            hands=2,
            per_second=50,
            seconds=0.2,
        )
        async with crowd.prepared(errand) as work:
            assert asked == []
            answers = await work()

    assert {each.status for each in answers} == {409}
    assert len(answers) == len(asked)
    assert tries is None or len(answers) in tries


async def test_a_process_that_ends_without_a_word_is_a_failure() -> None:
    errand = Errand(how=How.AT_ONCE, where="http://127.0.0.1:1", ticket_id="t1", buyers=[ANN])

    with pytest.raises(NotDoneError):
        await send("bench.hot.errands", errand, {})
