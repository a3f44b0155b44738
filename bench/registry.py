"""What can be measured, in the order of the document."""

from collections.abc import Mapping
from typing import Final

from bench.engine.latency import LATENCY
from bench.engine.throughput import ENGINE
from bench.growth.dwell import DWELL
from bench.growth.growth import GROWTH
from bench.growth.watchers import OPEN_PAGES
from bench.measures import Measure
from bench.others.measure import OTHERS

MEASURES: Final[Mapping[str, Measure]] = {
    "engine": ENGINE,
    "latency": LATENCY,
    "growth": GROWTH,
    "dwell": DWELL,
    "watchers": OPEN_PAGES,
    "others": OTHERS,
}
