"""The forms that the texts of a POSLog have, and their values, a whole column at once."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.columns import TextRows, codes, typed
from storeday.feeds.local_times import in_utc
from storeday.feeds.poslog.dialect import Clock
from storeday.model.tables import UTC

TILL: Final = (r"^[A-Za-z0-9_-]{1,12}$", "a till's code")
NUMBER: Final = (r"^[0-9]{1,12}$", "a running number in digits")
CODE_FORM: Final = (r"^\S(.{0,62}\S)?$", "a code of at most 64 characters")
TEXT_FORM: Final = (r"(?s)^.*$", "a text")

_DATE: Final = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"
_CLOCK: Final = rf"^{_DATE}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,9}})?"
_ZONE: Final = r"(Z|[+-][0-9]{2}:[0-9]{2})"
_TIMES: Final[dict[Clock, tuple[str, str]]] = {
    "local": (_CLOCK + "$", "a local time like 2026-11-22T14:06:31"),
    "wall": (_CLOCK + _ZONE + "?$", "a time like 2026-11-22T14:06:31+00:00"),
    "offset": (_CLOCK + _ZONE + "$", "a time like 2026-11-22T14:06:31+00:00"),
}


def days(rows: TextRows, column: str) -> Any:
    """A column of dates."""
    what = "a date like 2026-11-22"
    return typed(rows, column, f"^{_DATE}$", what, lambda text: text.cast(pa.date32()), required=True)


def times(rows: TextRows, column: str, clock: Clock, timezone: str) -> Any:
    """A column of times in UTC. Of a local hour that comes twice the first is meant; a skipped time moves forward."""
    form, what = _TIMES[clock]
    if clock == "offset":
        return typed(rows, column, form, what, lambda text: _to_microseconds(text).cast(UTC), required=True)
    wall = typed(
        rows,
        column,
        form,
        what,
        lambda text: _to_microseconds(pc.replace_substring_regex(text, _ZONE + "$", "")).cast(pa.timestamp("us")),
        required=True,
    )
    return in_utc(pd.Series(wall.to_numpy(zero_copy_only=False)), timezone)


def flags(rows: TextRows, column: str) -> Any:
    """A column of yes and no as XML Schema writes them, a boolean array; empty is no."""
    said = codes(rows, column, r"^(true|false|1|0)$", "true or false", required=False)
    return pc.is_in(said.cast(pa.string()), pa.array(["true", "1"])).to_numpy(zero_copy_only=False)


def _to_microseconds(text: Any) -> Any:
    return pc.replace_substring_regex(text, r"(\.[0-9]{6})[0-9]+", r"\1")
