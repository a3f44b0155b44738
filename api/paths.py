"""Where somebody may be sent on to."""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

HOME: Final = "/"
MOST_CHARACTERS: Final = 512
OURS: Final = re.compile(r"/(?!/)[A-Za-z0-9\-._~!$&'()*+,;=:@%/?#]*")
"""One slash, then only what RFC 3986 allows in a path, query or fragment: nothing invisible, no
backslash, no letter that looks like a slash."""
SUSPICIOUS: Final = re.compile(r"//|\\|[^ -~]|/\.\.?(/|$)")
"""In a path once its escapes are undone: what some reader might take for another host."""


def safe_path(wished: str) -> str:
    """The path if it is a page of ours, or else the home page.

    Browsers, proxies and routers read odd addresses in different ways; a page of ours has none of
    what they disagree about, whether as it is or behind percent signs. What is under ``/api`` is no
    page.
    """
    if len(wished) > MOST_CHARACTERS or not OURS.fullmatch(wished):
        return HOME
    parts = urlsplit(wished)
    path = unquote(unquote(parts.path, errors="replace"), errors="replace")
    is_ours = not parts.scheme and not parts.netloc and not SUSPICIOUS.search(path)
    return wished if is_ours and not path.startswith("/api/") else HOME
