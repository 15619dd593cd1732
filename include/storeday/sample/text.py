"""Numbers, times and codes as the files write them; Arrow arrays of text, a whole column at a time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.sample.arithmetic import Ints
from storeday.sample.rolls import HOUR

ZONE: Final = ZoneInfo("Europe/London")


def joined(*cells: pa.Array | str) -> pa.Array:
    """Columns and constants put together row by row, without anything between."""
    return pc.binary_join_element_wise(*cells, "")


def of_codes(codes: list[str], place: Ints) -> pa.Array:
    """Each row's code, by its place in ``codes``."""
    return pa.array(codes, pa.string()).take(pa.array(place))


def amounts(minor: Ints) -> pa.Array:
    """Minor units as "3127.45"."""
    return _scaled(minor, Decimal("0.01"))


def quantities(milli: Ints) -> pa.Array:
    """Thousandths as "2" where whole, else as "0.734"."""
    whole = pa.array(milli // 1_000).cast(pa.string())
    return pc.if_else(pa.array(milli % 1_000 == 0), whole, _scaled(milli, Decimal("0.001")))


def numbers(value: Ints, width: int) -> pa.Array:
    """Whole numbers with leading zeros."""
    return pc.utf8_lpad(pa.array(value).cast(pa.string()), width, "0")


def moments(day: date, at: Ints) -> pa.Array:
    """Wall-clock seconds after a local midnight as "2026-11-22T14:06:31+00:00".

    The offset is asked once an hour, not once a row; the clocks change on the hour.
    """
    hour, second = np.divmod(at, HOUR)
    starts = [hour_start(day, number) for number in range(int(hour.max(initial=0)) + 1)]
    heads = [f"{start:%Y-%m-%dT%H}" for start in starts]
    offsets = [start.isoformat()[-6:] for start in starts]
    return joined(of_codes(heads, hour), of_codes(_minutes_and_seconds(), second), of_codes(offsets, hour))


def hour_start(day: date, hour: int) -> datetime:
    """The local start of an hour of a trading day; hours past 23 are the next day's."""
    return datetime(day.year, day.month, day.day, hour % 24, tzinfo=ZONE) + timedelta(days=hour // 24)


@cache
def _minutes_and_seconds() -> list[str]:
    return [f":{second // 60:02d}:{second % 60:02d}" for second in range(HOUR)]


def _scaled(value: Ints, unit: Decimal) -> pa.Array:
    exact = pa.array(value).cast(pa.decimal128(19, 0))
    return pc.multiply(exact, pa.scalar(unit)).cast(pa.string())
