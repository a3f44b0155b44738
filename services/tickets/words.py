"""How a word that few titles have is found without looking at all of them.

A ticket keeps every end of every word of its title: of ``rock`` these are ``rock``, ``ock`` and
``ck``. Where a keyword occurs in a title, an end begins with it; so an index over the ends has next
to each other whatever contains a keyword.
"""

import re
from typing import Final

from bson.regex import Regex

SHORTEST: Final = 2
"""Of a keyword that is looked up; what is shorter occurs nearly everywhere."""
LONGEST: Final = 12
"""Of an end: what begins like a keyword for so long is the keyword nearly always."""


def ends_of(title_key: str) -> list[str]:
    """Every end of every word, cut to its first letters, each once."""
    ends = (
        word[start : start + LONGEST]
        for word in title_key.split()
        for start in range(len(word) - SHORTEST + 1)
    )
    return list(dict.fromkeys(ends))


def beginning(word: str) -> Regex[str] | None:
    """What an end of every title begins with that contains the word, and hardly one of another.

    None for a word that is too short.
    """
    # MongoDB takes no prefix from a pattern with a bar in it, however it is quoted.
    letters = word.partition("|")[0][:LONGEST]
    return Regex(f"^{re.escape(letters)}") if len(letters) >= SHORTEST else None
