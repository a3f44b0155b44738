"""How many streams may be open at once, so that nobody holds all of them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from api.problems import TooManyRequests


class Seats:
    """So many for each, so many in all; in this process."""

    def __init__(self, *, each: int, total: int) -> None:
        self._each = each
        self._total = total
        self._taken: Counter[str] = Counter()

    @contextmanager
    def seat(self, who: str) -> Iterator[None]:
        """A seat inside the block; raises ``TooManyRequests`` when there is none."""
        if self._taken[who] >= self._each or self._taken.total() >= self._total:
            raise TooManyRequests("Too many pages are open at once.")
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]
