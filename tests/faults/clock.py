"""A clock that is wrong, for one part of a stack: libfaketime, told by a file how wrong it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import libfaketime

LIBRARY: Final = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"


class WrongClock:
    """The clock on the wall of a process. What it measures pauses with stays right, as it would."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._set(timedelta(0))

    @property
    def env(self) -> Mapping[str, str]:
        """For the processes that shall go by it."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    @contextmanager
    def off_by(self, ahead: timedelta) -> Iterator[None]:
        """Ahead of the time by so much inside the block, or behind it if negative."""
        self._set(ahead)
        try:
            yield
        finally:
            self._set(timedelta(0))

    def _set(self, ahead: timedelta) -> None:
        written = self._file.with_suffix(".new")
        written.write_text(f"{ahead.total_seconds():+.0f}\n")
        written.replace(self._file)  # nobody reads half of it
