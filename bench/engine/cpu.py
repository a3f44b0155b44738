"""Who used the processors meanwhile."""

import os
import time
from collections.abc import Mapping
from typing import Final

import psutil

DRIVER: Final = "driver"


class Meter:
    """CPU seconds of processes since it was made."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items()}
        self._processes[DRIVER] = psutil.Process(os.getpid())
        self._before = {name: _used(each) for name, each in self._processes.items()}
        self._began, self._idle = time.monotonic(), psutil.cpu_times().idle

    def read(self) -> dict[str, float]:
        """By name, in seconds; raises ``psutil.NoSuchProcess`` when one has been replaced."""
        return {name: _used(each) - self._before[name] for name, each in self._processes.items()}

    def cores_idle(self) -> float:
        """How many of the machine's cores had nothing to do, on average."""
        return (psutil.cpu_times().idle - self._idle) / (time.monotonic() - self._began)


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
