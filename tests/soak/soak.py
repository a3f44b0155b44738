"""One soak, from the first visitor to the last entry in the books."""

import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.e2e.system import System
from tests.soak.blows import make_peace, plan, strike
from tests.soak.people import Street
from tests.soak.rest import disagreements, healed
from tests.soak.watch import Watch, memory

PEOPLE: Final = 8
TELL_SECONDS: Final = 15.0
SETTINGS: Final = {
    "RESERVATION_WINDOW": "20",
    "HOLD_EXTENSION": "20",
    "RECONCILIATION_SECONDS": "60",
}


@dataclass
class Report:
    """What came of a soak."""

    seed: int
    minutes: float
    ends: dict[str, int] = field(default_factory=dict)
    """Errands by how they ended."""
    blows: dict[str, int] = field(default_factory=dict)
    """What went wrong, by kind."""
    healed: list[str] = field(default_factory=list)
    """What the checks put right by themselves."""
    series: dict[str, list[float]] = field(default_factory=dict)
    """Memory, files, connections and cursors in the second half."""
    not_judged: list[str] = field(default_factory=list)
    """Series that are too short to tell whether they grow."""
    broken: list[str] = field(default_factory=list)
    """What does not hold; empty if everything does."""


def soak(folder: Path, *, minutes: float, seed: int, say: Callable[[str], None]) -> Report:
    """Run one; Ctrl-C ends it early, with its books closed all the same."""
    report = Report(seed=seed, minutes=minutes)
    system = System(folder / "dev", **SETTINGS)
    with system.running():
        street, watch = Street(system, seed=seed, people=PEOPLE), Watch(system)
        with ThreadPoolExecutor(PEOPLE) as pool:
            street.open(pool)
            try:
                report.blows = _go_through(system, street, watch, report, say)
            except KeyboardInterrupt:
                say("ended early")
            except (pytest.fail.Exception, httpx.HTTPError) as error:
                report.broken.append(f"ended early: {error}")
            finally:
                watch.end()
                street.close()
                make_peace(system)
                say("peace; everybody ends what they have begun")
        report.broken += [*street.failures, *(f"{each} died" for each in watch.died)]
        report.broken += [*watch.grown(), *disagreements(system, say)]
        report.ends, report.healed = dict(street.ends), healed(system)
        report.series, report.not_judged = dict(watch.series), watch.not_judged()
    (folder / "report.json").write_text(json.dumps(asdict(report), indent=2))
    return report


def _go_through(
    system: System, street: Street, watch: Watch, report: Report, say: Callable[[str], None]
) -> dict[str, int]:
    """The whole plan, telling now and then how it goes; what was done, by kind."""
    begun, seconds = time.monotonic(), report.minutes * 60
    done, told = Counter[str](), begun

    def wait_until(moment: float) -> None:
        nonlocal told
        while (now := time.monotonic()) < begun + moment:
            if now - told > TELL_SECONDS:
                told = now
                say(f"{(now - begun) / 60:4.1f} min  {_summary(street.ends)}")
                say(f"          {done.total()} blows; MB: {memory(system)}")
            time.sleep(0.2)

    for blow in plan(report.seed, seconds):
        if blow.at >= seconds / 2 and not watch.is_on:
            watch.begin()
        wait_until(blow.at)
        say(f"{(time.monotonic() - begun) / 60:4.1f} min  {blow}")
        strike(system, blow)
        done[blow.kind] += 1
    wait_until(seconds)
    return dict(done)


def _summary(ends: Counter[str]) -> str:
    return ", ".join(f"{count} {end}" for end, count in ends.most_common()) or "nobody has ended"
