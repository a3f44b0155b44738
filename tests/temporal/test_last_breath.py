"""How a process ends that has spoken to Temporal: not before the SDK's own threads are at rest."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from temporal import client
from temporal.client import last_breath

ROOT = Path(client.__file__).parents[1]
SHIPPED = ("api", "devstack", "temporal", "workers")
CONNECTS = "from temporal.client import connect"
IS_A_COMMAND = 'if __name__ == "__main__":'


async def test_it_is_taken_on_the_way_out_of_a_failure_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []

    async def note(seconds: float) -> None:
        slept.append(seconds)

    # the tasks of other tests, in the same loop, go on sleeping
    only_for_the_client = SimpleNamespace(sleep=note)
    monkeypatch.setattr(client, "asyncio", only_for_the_client)
    with pytest.raises(RuntimeError, match="nobody is there"):
        async with last_breath():
            raise RuntimeError("nobody is there")
    assert slept == [client.LAST_BREATH_SECONDS]


def test_every_command_that_connects_takes_it() -> None:
    texts = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for package in SHIPPED
        for path in (ROOT / package).rglob("*.py")
    }
    commands = {name for name, text in texts.items() if CONNECTS in text and IS_A_COMMAND in text}
    assert {"temporal/versions.py", "workers/__main__.py"} <= commands
    assert [name for name in sorted(commands) if "last_breath()" not in texts[name]] == []
