"""Text as Sage 50's import takes it: ASCII, one line, nothing that a spreadsheet would run."""

from __future__ import annotations

import unicodedata
from typing import Final

_KNOWN: Final = str.maketrans({"£": "GBP ", "€": "EUR ", "ß": "ss", "æ": "ae", "ø": "o", "Æ": "AE", "Ø": "O", '"': "'"})


def ascii_text(text: str, size: int) -> str:
    """Text transliterated to printable ASCII, white space folded, formula starts taken off, cut to ``size``.

    Source: sage50-uk reference, 1.2 and 1.10.

    >>> ascii_text('=Café "Zoë"', 60)
    "Cafe 'Zoe'"
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_KNOWN))
    plain = "".join(c if " " <= c <= "~" else " " if c.isspace() else "" for c in decomposed)
    return " ".join(plain.split()).lstrip("=+-@ ")[:size].rstrip()
