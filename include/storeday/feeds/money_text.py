"""Amounts as exports write them, "$1,234.50", "(5.00)", "1.234,5", into exact integers.

Values are kept in hundred-millionths (8 decimals), so that what an export says beyond the penny is seen and
never cut. Each distinct text is converted once. Whether a comma parts thousands or decimals is decided for a
whole file, from values that can be read in one way only, or by the settings.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

FINE: Final = 100_000_000
"""Units in one: values are in hundred-millionths."""

_RAW: Final = r"^[-(]?(?:[A-Z]{0,3}[$£€])?-?(?:[0-9.,'’]|\p{Zs})*[0-9]\)?$"
_DECORATION: Final = r"[A-Z]{0,3}[$£€]|['’]|\p{Zs}|[-()]"
_FORMS: Final = {
    "point": r"^(?:[0-9]{1,10}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,8})?$|^\.[0-9]{1,8}$",
    "comma": r"^(?:[0-9]{1,10}|[1-9][0-9]{0,2}(?:\.[0-9]{3}){1,3})(?:,[0-9]{1,8})?$|^,[0-9]{1,8}$",
}


def decimals_of(texts: list[Any]) -> Literal["point", "comma"] | None:
    """Which mark parts the decimals in a file whose columns have these distinct texts.

    "point" where nothing tells and it makes no difference; None where it makes one and nothing tells.

    >>> decimals_of([pa.array(["1.234,50", "7"])]), decimals_of([pa.array(["1,234"])])
    ('comma', None)
    """
    plain = [_plain(column) for column in texts]
    only = {"point": False, "comma": False}
    either = False
    for column in plain:
        fits = {mark: pc.match_substring_regex(column, form) for mark, form in _FORMS.items()}
        only["point"] |= bool(pc.any(pc.and_not(fits["point"], fits["comma"])).as_py())
        only["comma"] |= bool(pc.any(pc.and_not(fits["comma"], fits["point"])).as_py())
        both = pc.and_(pc.and_(fits["point"], fits["comma"]), pc.match_substring_regex(column, "[.,]"))
        either |= bool(pc.any(both).as_py())
    if only["comma"] and not only["point"]:
        return "comma"
    return None if either and not only["point"] else "point"


def is_amount(texts: Any, decimals: str) -> Any:
    """Whether each text is an amount, a boolean array."""
    return pc.and_(pc.match_substring_regex(texts, _RAW), pc.match_substring_regex(_plain(texts), _FORMS[decimals]))


def fine_of(texts: Any, decimals: str) -> Any:
    """Texts that are amounts (or null, read as 0) in hundred-millionths, as int64."""
    plain = _plain(texts)
    plain = pc.replace_substring(plain, "," if decimals == "point" else ".", "")
    plain = pc.replace_substring_regex(pc.replace_substring(plain, ",", "."), r"^\.", "0.")
    exact = pc.fill_null(plain, "0").cast(pa.decimal128(18, 8))
    fine = pc.multiply(exact, pa.scalar(Decimal(FINE))).cast(pa.int64())
    below = pc.fill_null(pc.match_substring_regex(texts, r"[-(]"), False)
    signed = fine.to_numpy(zero_copy_only=False) * np.where(below.to_numpy(zero_copy_only=False), -1, 1)
    return signed.astype(np.int64)


def fine_or_nothing(texts: Any, decimals: str) -> Any:
    """Texts in hundred-millionths, an Arrow array; 0 for a blank one. Raises: ValueError for what is no amount."""
    blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(texts), ""), True)
    texts = pc.if_else(blank, pa.scalar(None, pa.string()), texts)
    if pc.any(pc.invert(is_amount(texts, decimals))).as_py():
        raise ValueError
    return pa.array(fine_of(texts, decimals))


def _plain(texts: Any) -> Any:
    return pc.replace_substring_regex(texts, _DECORATION, "")


def shown_fine(fine: int) -> str:
    """An amount with all its decimals, for messages.

    >>> shown_fine(412_750_000), shown_fine(-400_000_000)
    ('4.1275', '-4.00')
    """
    text = f"{Decimal(fine) / FINE:.8f}"
    return re.sub(r"(\.[0-9]{2}[0-9]*?)0*$", r"\1", text)
