"""Listeners cost a bounded amount of memory and miss nothing without being told."""

import pytest

from api.live.hub import Hub
from api.problems import Unavailable
from services.changes import Change

MOMENT = 0.001


def a_change(number: int, status: str = "sold") -> Change:
    return Change(f"ticket-{number}", {"status": status})


async def test_a_listener_hears_what_it_listens_to() -> None:
    hub = Hub()
    with hub.listening("ticket-1") as one, hub.listening() as all_of_it:
        hub.tell(a_change(1))
        hub.tell(a_change(2))
        assert (await one.news(within=MOMENT)).changes == (a_change(1),)
        assert (await all_of_it.news(within=MOMENT)).changes == (a_change(1), a_change(2))
        assert (await one.news(within=MOMENT)).changes == ()


async def test_many_changes_of_one_thing_are_one() -> None:
    hub = Hub()
    with hub.listening() as listener:
        for status in ("reserved", "available", "sold"):
            hub.tell(a_change(1, status))
        assert (await listener.news(within=MOMENT)).changes == (a_change(1, "sold"),)


async def test_a_listener_that_never_reads_keeps_no_more_than_so_many() -> None:
    hub = Hub(most_kept=10)
    with hub.listening() as listener:
        for number in range(10):
            hub.tell(a_change(number))
        assert len(listener._changes) == 10
        for number in range(10_000):
            hub.tell(a_change(number))
            assert len(listener._changes) <= 10
        news = await listener.news(within=MOMENT)
        assert (news.changes, news.read_again) == ((), True)
        hub.tell(a_change(1))
        again = await listener.news(within=MOMENT)
        assert (again.changes, again.read_again) == ((a_change(1),), False)


async def test_who_left_is_forgotten() -> None:
    hub = Hub()
    with hub.listening("ticket-1"), hub.listening():
        assert hub.count == 2
    assert hub.count == 0
    assert hub._listeners == {}


async def test_a_closed_hub_lets_everybody_go_and_nobody_come() -> None:
    hub = Hub()
    with hub.listening() as listener:
        hub.close()
        await listener.news(within=3_600)
        assert listener.over
        await listener.news(within=3_600)
        with pytest.raises(Unavailable), hub.listening():
            pass
