"""Text as Sage 50's import takes it: ASCII, one line, nothing that a spreadsheet would run.

Source: sage50-uk reference, 1.2 and 1.10.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from anyascii import anyascii

_KNOWN: Final = str.maketrans({"£": "GBP ", "€": "EUR "})
_FORMULA_START: Final = re.compile(r"^['`\s]*[=+\-@]['`\s=+\-@]*")
_NO_LETTER: Final = {"Mn", "Me", "Cc", "Cf"}
"""Accents of their own, control characters, marks of direction: nothing that is missed when it goes."""


def ascii_text(text: str, size: int) -> str:
    """Text transliterated to printable ASCII, white space folded, formula starts taken off, cut to ``size``.

    >>> ascii_text('=Café "Zoë"', 60)
    "Cafe 'Zoe'"
    """
    return _FORMULA_START.sub("", plain_letters(text))[:size].rstrip()


def plain_letters(text: str) -> str:
    """Text in printable ASCII on one line, of whatever script it was; a sign that has no spelling becomes ``?``.

    >>> plain_letters("Łódź Кафе")
    'Lodz Kafe'
    """
    spelt = "".join(_spelt(sign) for sign in unicodedata.normalize("NFC", text.translate(_KNOWN)))
    return " ".join(spelt.replace('"', "'").split())


def _spelt(sign: str) -> str:
    if sign.isspace():
        return " "
    if sign.isascii():
        return sign if sign.isprintable() else ""
    return anyascii(sign) or ("" if unicodedata.category(sign) in _NO_LETTER else "?")
