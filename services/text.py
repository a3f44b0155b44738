"""Text that people typed, made comparable."""

import unicodedata


def fold(text: str) -> str:
    """The form in which two spellings of the same text are equal, whatever their case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
