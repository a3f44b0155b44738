"""Whether a series of measurements stays where it is, or grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

THIRDS: Final = 3
FEWEST: Final = 90
"""Three minutes of a look every two seconds. In less, the passwords that happen to be hashed at the
same moment, at 46 MB each, are all that one sees of a process."""


@dataclass(frozen=True)
class Allowance:
    """How much more the last third may be than the middle one; the larger of the two counts."""

    share: float
    absolute: float


def growth(values: Sequence[float]) -> float:
    """The median of the last third less the median of the middle third; the first is warm-up.

    Medians, because a collector that is late or a burst of visitors is no leak; thirds, because a
    leak does not stop.

    Raises:
        ValueError: there are too few values to tell.
    """
    if len(values) < FEWEST:
        raise ValueError(f"{len(values)} values are too few to tell whether they grow")
    third = len(values) // THIRDS
    return median(values[-third:]) - median(values[-2 * third : -third])


def is_enough(values: Sequence[float]) -> bool:
    """Whether there are enough values to tell."""
    return len(values) >= FEWEST


def grows(values: Sequence[float], allowed: Allowance) -> bool:
    """Whether the series grew by more than it may."""
    third = len(values) // THIRDS
    usual = median(values[-2 * third : -third]) if third else 0.0
    return growth(values) > max(allowed.absolute, allowed.share * usual)
