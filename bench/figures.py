"""Figures of a measurement: one value a round, told by their median and range."""

from collections.abc import Iterable
from statistics import median

from pydantic import BaseModel, Field


class Figure(BaseModel):
    """What was measured, once a round, in the order of the rounds."""

    unit: str
    """``1/s``, ``ms``, ``MB``, ``transitions`` …; empty for a ratio."""
    values: list[float] = Field(min_length=1)

    @property
    def median(self) -> float:
        """The middle of the rounds: what is quoted."""
        return median(self.values)

    def __str__(self) -> str:
        """Median, then lowest and highest."""
        unit = f" {self.unit}" if self.unit else ""
        if len(set(self.values)) == 1:
            return f"{rounded(self.median)}{unit}"
        low, high = rounded(min(self.values)), rounded(max(self.values))
        return f"{rounded(self.median)}{unit} ({low} to {high})"


def ratio(over: Figure, under: Figure) -> Figure:
    """One ratio a round: both figures are from the same rounds, so what the machine did cancels."""
    pairs = zip(over.values, under.values, strict=True)
    return Figure(unit="", values=[upper / lower for upper, lower in pairs])


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of the values do not exceed.

    Raises:
        ValueError: there are no values.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    rank = max(0, -(-int(share * 10_000) * len(ordered) // 10_000) - 1)
    return ordered[rank]


def rounded(value: float) -> str:
    """Three significant digits, without exponents."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
