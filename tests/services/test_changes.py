"""One reader follows a collection through everything that can happen to MongoDB."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from devstack.mongod import become_primary, find_mongod, mongod_command
from devstack.process import signal_group, spawn
from services.changes import Change, Place, following
from tests.servers import free_port
from tests.waiting import eventually

PATIENCE_SECONDS = 60

Things = AsyncCollection[dict[str, Any]]


@dataclass
class Ears:
    """An audience that remembers what it heard."""

    heard: list[str] = field(default_factory=list)
    read_again: int = 0
    fails_on: str = ""
    something: asyncio.Event = field(default_factory=asyncio.Event)
    came_again: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, change: Change) -> None:
        if change.id == self.fails_on:
            raise ValueError(change.id)
        self.heard.append(change.id)
        self.something.set()

    def tell_to_read_again(self) -> None:
        self.read_again += 1
        self.something.set()

    async def until(self, *heard: str, read_again: int = 0) -> None:
        """Wait until just this was heard, and at least so often to read again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (
                self.heard[len(self.heard) - len(heard) :] != list(heard)
                or self.read_again < read_again
            ):
                self.something.clear()
                await self.something.wait()

    async def turned_away(self) -> None:
        """Wait until the reader knows that nobody is there: the driver tries first, by itself."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.came_again.wait()


class Server:
    """A MongoDB that a test may do anything to."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._log = folder / "mongod.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def start(self) -> None:
        """Up, and ready to be written to."""
        self._data.mkdir(exist_ok=True)
        command = mongod_command(find_mongod(), port=self.port, data=self._data)
        self._process = spawn(command, log=self._log)
        eventually(lambda: become_primary(self.port), "a primary")

    def kill(self) -> None:
        """Gone, without a word."""
        if self._process is not None:
            signal_group(self._process, signal.SIGKILL)
            self._process.wait()

    def lose_everything(self) -> None:
        """The next start has another history."""
        shutil.rmtree(self._data)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, running."""
    server = Server(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def things(server: Server) -> AsyncIterator[Things]:
    """A collection on that server, over a client that notices outages quickly."""
    async with AsyncMongoClient[dict[str, Any]](
        # Directly: a client of a replica set takes a server that lost its history for a stale one.
        f"mongodb://127.0.0.1:{server.port}/?directConnection=true",
        serverSelectionTimeoutMS=500,
        w="majority",
    ) as client:
        yield client["test"]["things"]


@asynccontextmanager
async def listening(things: Things, *, places: list[Place] | None = None) -> AsyncIterator[Ears]:
    """Somebody who has begun to listen; who begins again does so at the last of ``places``."""
    ears = Ears()

    async def open_stream(after: Place | None) -> AsyncChangeStream[dict[str, Any]]:
        if after is not None:
            ears.came_again.set()
            after = places[-1] if places else after
        return await things.watch(start_after=after, max_await_time_ms=500)

    async with following("things", open_stream, ears):
        await ears.until(read_again=1)
        yield ears


async def put(things: Things, *names: str) -> None:
    """Write them, even if the server has only just come up."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for name in names:
            while not await written(things, name):  # noqa: ASYNC110 - a server has no event
                await asyncio.sleep(0.05)


async def written(things: Things, name: str) -> bool:
    try:
        await things.replace_one({"_id": name}, {"_id": name}, upsert=True)
    except PyMongoError:
        return False
    return True


async def test_every_change_is_told_once(things: Things) -> None:
    await put(things, "before")
    async with listening(things) as ears:
        await put(things, "one", "two")
        await things.delete_one({"_id": "one"})
        await ears.until("one", "two", "one")
        assert ears.read_again == 1


async def test_nothing_is_missed_when_mongodb_is_killed(server: Server, things: Things) -> None:
    async with listening(things) as ears:
        await put(things, "one")
        await ears.until("one")
        server.kill()
        server.start()
        await put(things, "two", "three")
        await ears.until("one", "two", "three")
        assert ears.read_again == 1


async def test_nothing_is_missed_when_the_primary_steps_down(things: Things) -> None:
    async with listening(things) as ears:
        await put(things, "one")
        with suppress(PyMongoError):
            stepping_down = {"replSetStepDown": 1, "force": True}
            await things.database.client.admin.command(stepping_down)
        await put(things, "two")
        await ears.until("one", "two")
        assert ears.read_again == 1


async def test_what_cannot_be_made_up_for_is_read_again(server: Server, things: Things) -> None:
    # The place of an event: whoever hears for a while that nothing happens has a moment for a
    # place, which fits any history.
    places: list[Place] = []
    async with await things.watch() as stream, listening(things, places=places) as ears:
        await put(things, "one")
        places.append((await stream.next())["_id"])
        await ears.until("one")
        server.kill()
        await ears.turned_away()
        server.lose_everything()
        server.start()
        await put(things, "unseen")
        await ears.until(read_again=2)
        await put(things, "two")
        await ears.until("two")


async def test_a_collection_that_is_dropped_is_followed_when_it_is_back(things: Things) -> None:
    async with listening(things) as ears:
        await put(things, "one")
        await things.drop()
        await put(things, "two")
        await ears.until("one", "two")
        assert ears.read_again == 1


async def test_a_change_that_cannot_be_told_stops_no_other(things: Things) -> None:
    async with listening(things) as ears:
        ears.fails_on = "one"
        await put(things, "one")
        await ears.until(read_again=2)
        await put(things, "two")
        await ears.until("two")


async def test_stopped_at_any_moment_it_leaves_no_cursor(things: Things) -> None:
    async def open_stream(after: Place | None) -> AsyncChangeStream[dict[str, Any]]:
        return await things.watch(start_after=after, max_await_time_ms=100)

    for milliseconds in range(30):
        async with following("things", open_stream, Ears()):
            await asyncio.sleep(milliseconds / 2_000)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await cursors_of(things):  # noqa: ASYNC110 - a server has no event
            await asyncio.sleep(0.05)


async def test_a_cursor_that_is_there_is_seen(things: Things) -> None:
    async with await things.watch():
        assert await cursors_of(things) == 1


async def cursors_of(things: Things) -> int:
    """How many change streams of the collection the server keeps."""
    admin = things.database.client.get_database("admin", read_concern=ReadConcern("local"))
    found = await admin.aggregate([{"$currentOp": {"idleCursors": True}}])
    return sum([1 async for each in found if "$changeStream" in str(each.get("cursor"))])
