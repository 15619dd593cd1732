"""When a row happened: dates and times as exports write them, and the zone that they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.columns import shown
from storeday.feeds.dates import midnights
from storeday.feeds.declared.rows import Column, Rows
from storeday.feeds.local_times import in_utc
from storeday.model.tables import UTC

_TIME: Final = (
    r"^(?P<hour>[0-9]{1,2}):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9]))?(?:\.[0-9]{1,6})? ?(?P<half>[AaPp][Mm])?$"
)
_DAY_AND_TIME: Final = r"^(?P<day>\S+)[ T,]+(?P<time>[0-9:.]+ ?(?:[AaPp][Mm])?)(?: (?P<zone>[A-Za-z]{2,5}))?$"
_WITH_OFFSET: Final = (
    r"^(20[0-9]{2}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)? ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})$"
)


@dataclass(frozen=True)
class LocalTime:
    """The clock on the wall, in one column or two, with its zone in a column, after the time, or in the settings.

    ``form`` is one of the date forms above; without it the setting ``dates`` says which. ``zone`` is a column
    of zones' names; "after" where the name stands after the time; without it the setting ``timezone`` counts.
    """

    date: str
    time: str = ""
    form: str = ""
    zone: str = ""

    def columns(self) -> Iterator[Column]:
        """Date, time and zone."""
        for column in (self.date, self.time, self.zone if self.zone != "after" else ""):
            if column:
                yield Column(column)

    @property
    def asks(self) -> tuple[str, ...]:
        """The settings that it needs."""
        return (*(() if self.form else ("dates",)), "zones" if self.zone else "timezone")

    def of(self, rows: Rows) -> Any:
        """Moments in UTC."""
        form = self.form or rows.reading.settings.dates
        if self.time:
            parts = [self._days(rows, self.date, form), self._times(rows)]
            wall = pc.add(parts[0], parts[1])
        else:
            wall = rows.converted(
                self.date,
                f"a date as {form} with a time",
                lambda texts: _day_and_time(texts, form, has_zone=self.zone == "after"),
                required=True,
            )
        return self._in_zones(rows, wall)

    def _days(self, rows: Rows, column: str, form: str) -> Any:
        return rows.converted(column, f"a date as {form}", lambda texts: midnights(texts, form), required=True)

    def _times(self, rows: Rows) -> Any:
        return rows.converted(self.time, "a time like 14:06:31 or 2:06 PM", _times, required=True)

    def _in_zones(self, rows: Rows, wall: Any) -> Any:
        if not self.zone:
            return in_utc(wall, rows.reading.settings.timezone)
        names, place = self._zone_names(rows)
        found = np.zeros(len(rows), dtype="datetime64[us]")
        local = pd.Series(wall.to_numpy())
        for number, name in enumerate(names):
            mask = place == number
            if not mask.any():
                continue
            zone = rows.reading.settings.zones.get(name)
            if zone is None:
                raise rows.refuse(
                    int(np.argmax(mask)), f"the zone {shown(name)} is not known: set feed_settings.zones of the store."
                )
            found[mask] = in_utc(local[mask].reset_index(drop=True), zone).cast(pa.timestamp("us")).to_numpy()
        return pa.array(found, pa.timestamp("us")).cast(UTC)

    def _zone_names(self, rows: Rows) -> tuple[list[str], Any]:
        coded = rows.text.text(self.date if self.zone == "after" else self.zone)
        texts = coded.dictionary
        if self.zone == "after":
            texts = pc.struct_field(pc.extract_regex(texts, _DAY_AND_TIME), "zone")
        distinct = pc.fill_null(texts, "").dictionary_encode()
        return distinct.dictionary.to_pylist(), distinct.indices.to_numpy()[coded.indices.to_numpy()]


@dataclass(frozen=True)
class OffsetTime:
    """A time with its offset from UTC, as 2026-09-03 10:14:00 -0400."""

    column: str

    def columns(self) -> Iterator[Column]:
        """Its one column."""
        yield Column(self.column)

    @property
    def asks(self) -> tuple[str, ...]:
        """The settings that it needs: none."""
        return ()

    def of(self, rows: Rows) -> Any:
        """Moments in UTC."""
        return rows.converted(self.column, "a time like 2026-09-03 10:14:00 -0400", _with_offset, required=True)


def _day_and_time(texts: Any, form: str, *, has_zone: bool) -> Any:
    parts = pc.extract_regex(texts, _DAY_AND_TIME)
    if pc.any(pc.and_(pc.is_null(parts), pc.is_valid(texts))).as_py():
        raise ValueError
    if not has_zone and pc.any(pc.greater(pc.utf8_length(pc.struct_field(parts, "zone")), 0)).as_py():
        raise ValueError  # a word that nobody reads may be a zone that means another hour
    return pc.add(midnights(pc.struct_field(parts, "day"), form), _times(pc.struct_field(parts, "time")))


def _times(texts: Any) -> Any:
    """Durations since midnight. Raises: ValueError for what is no time of day."""
    said = pc.extract_regex(pc.utf8_trim_whitespace(texts), _TIME)
    if pc.any(pc.and_(pc.is_null(said), pc.is_valid(texts))).as_py():
        raise ValueError
    hour, minute, second = (_number(said, name) for name in ("hour", "minute", "second"))
    half = pc.utf8_lower(pc.fill_null(pc.struct_field(said, "half"), "")).to_numpy(zero_copy_only=False)
    is_halved = half != ""
    if bool((is_halved & ((hour < 1) | (hour > 12))).any()) or bool((hour > 23).any()):
        raise ValueError
    hour = np.where(is_halved, hour % 12 + np.where(half == "pm", 12, 0), hour)
    seconds = hour * 3600 + minute * 60 + second
    return pa.array(seconds.astype("timedelta64[s]").astype("timedelta64[us]"))


def _number(said: Any, name: str) -> Any:
    text = pc.struct_field(said, name)
    written = pc.if_else(pc.equal(pc.fill_null(text, ""), ""), "0", pc.fill_null(text, "0"))
    return written.cast(pa.int64()).to_numpy()


def _with_offset(texts: Any) -> Any:
    if pc.any(pc.invert(pc.fill_null(pc.match_substring_regex(texts, _WITH_OFFSET), True))).as_py():
        raise ValueError
    plain = pc.replace_substring_regex(texts, _WITH_OFFSET, r"\1T\2\3")
    plain = pc.replace_substring(plain, "UTC", "Z")
    return pc.replace_substring_regex(plain, r"([+-][0-9]{2}):?([0-9]{2})$", r"\1:\2").cast(UTC)
