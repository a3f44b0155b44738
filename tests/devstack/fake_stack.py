"""A stack of tiny programs, run by the real supervisor in a process of its own.

``python -m tests.devstack.fake_stack DEV_DIR SPEC``; the spec is what ``a_part`` builds, as JSON.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NotRequired, TypedDict

from devstack.folder import DevFolder, FolderError
from devstack.keeper import StartError
from devstack.part import Part
from devstack.supervisor import StopRequest, supervise

IDLE = "import time\nwhile True: time.sleep(1)"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


class PartSpec(TypedDict):
    """One fake part; ``ready_file`` makes it ready when that file is there."""

    name: str
    code: str
    after: NotRequired[list[str]]
    ready_file: NotRequired[str]
    once: NotRequired[bool]
    port: NotRequired[int]
    ready_within: NotRequired[float]


def _part(spec: PartSpec) -> Part:
    return Part(
        spec["name"],
        [sys.executable, "-c", spec["code"]],
        dict(os.environ),
        ready=_exists(spec.get("ready_file")),
        after=spec.get("after", []),
        ports={"FAKE_PORT": spec["port"]} if "port" in spec else {},
        once=spec.get("once", False),
        ready_within=spec.get("ready_within", 60),
        grace=1,
    )


def _exists(path: str | None) -> Callable[[], bool]:
    return lambda: path is None or Path(path).exists()


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  (the tests read it)


async def _run(folder: DevFolder, parts: list[Part]) -> None:
    stop = StopRequest()
    stop.listen_to_signals()

    async def when_ready() -> None:
        _say("everything is ready")

    await supervise(parts, folder, say=_say, stop=stop, when_ready=when_ready)


def main() -> None:
    """Run until a signal, as ``python -m devstack`` does."""
    folder, specs = DevFolder(Path(sys.argv[1])), json.loads(sys.argv[2])
    try:
        folder.prepare()
        with folder.locked():
            folder.note_holder()
            asyncio.run(_run(folder, [_part(spec) for spec in specs]))
    except (FolderError, StartError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
