"""What can be measured, in the order of the document."""

from collections.abc import Mapping
from typing import Final

from bench.engine.latency import LATENCY
from bench.engine.throughput import ENGINE
from bench.growth.dwell import DWELL
from bench.growth.growth import GROWTH
from bench.growth.watchers import OPEN_PAGES
from bench.hot.hot import HOT
from bench.measures import Measure
from bench.others.measure import OTHERS
from bench.reads.reads import READS

MEASURES: Final[Mapping[str, Measure]] = {
    "engine": ENGINE,
    "latency": LATENCY,
    "hot": HOT,
    "growth": GROWTH,
    "dwell": DWELL,
    "watchers": OPEN_PAGES,
    "reads": READS,
    "others": OTHERS,
}
