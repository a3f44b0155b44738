"""What can be measured, in the order of the document."""

from collections.abc import Mapping
from typing import Final

from bench.engine.latency import LATENCY
from bench.engine.throughput import ENGINE
from bench.measures import Measure

MEASURES: Final[Mapping[str, Measure]] = {"engine": ENGINE, "latency": LATENCY}
