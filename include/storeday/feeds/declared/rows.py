"""The rows of one export file, open to be asked what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.base import ReadingRules
from storeday.feeds.columns import TextRows, typed
from storeday.feeds.csv_bytes import read_columns
from storeday.feeds.csv_cells import Positions
from storeday.feeds.declared.settings import FeedSettings
from storeday.feeds.export_bytes import plain_text
from storeday.feeds.money_text import decimals_of
from storeday.model.errors import FileRejected


@dataclass(frozen=True)
class Column:
    """A header name that a declaration reads. An optional one may be missing: its cells are empty then."""

    name: str
    optional: bool = False
    is_number: bool = False


@dataclass(frozen=True)
class Reading:
    """One slice being read: the store's rules, the feed's settings, and what is to be told."""

    rules: ReadingRules
    settings: Any
    notes: list[str] = field(default_factory=list)
    form: list[str] = field(default_factory=list)
    not_read: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by file: columns nothing asked for

    @property
    def common(self) -> FeedSettings:
        """The settings that every feed has."""
        settings: FeedSettings = self.settings
        return settings


@dataclass(frozen=True)
class Rows:
    """Some rows of one export file."""

    text: TextRows
    reading: Reading
    decimals: str
    worked_out: Mapping[str, Any] = field(default_factory=dict)  # amounts that only several rows together say

    def where(self, mask: Any) -> Rows:
        """The rows for which ``mask`` is true."""
        amounts = {name: amount[mask] for name, amount in self.worked_out.items()}
        return replace(self, text=self.text.where(mask), worked_out=amounts)

    def has(self, column: str) -> bool:
        """Whether the export has an optional column."""
        return column in self.text.table.column_names

    def converted(self, column: str, what: str, convert: Callable[[Any], Any], *, required: bool) -> Any:
        """A column converted once a distinct text; ``convert`` raises ValueError for what is not ``what``."""
        return typed(self.text, column, None, what, convert, required=required)

    def refuse(self, row: int, why: str) -> FileRejected:
        """The rejection of the file for what stands in ``row``."""
        return self.text.refuse(row, why)

    def __len__(self) -> int:
        return len(self.text)

    @property
    def lines(self) -> Positions:
        """The line of the file that each row starts on."""
        return self.text.lines


def open_export(
    name: str, content: bytes, columns: Iterable[Column], also: dict[str, tuple[str, ...]], reading: Reading, key: str
) -> Rows:
    """An export file as rows of the columns that declarations read. ``key`` is the column that names a receipt.

    ``also`` has other header names of a column, as other versions of the export write it.
    Raises: FileRejected for what is no such export, with the line.
    """
    wanted = {column.name: column for column in columns}
    settings = reading.common
    plain = plain_text(
        name,
        content,
        [column.name for column in wanted.values() if not column.optional and column.name not in also],
        encoding=settings.encoding,
        largest_mb=settings.largest_mb,
    )
    reading.form.extend(f"{name}: {said}" for said in plain.said)
    found = {}
    for column in wanted.values():
        written = next((n for n in (column.name, *also.get(column.name, ())) if n in plain.header), None)
        if written is None and not column.optional:
            raise FileRejected(name, f"missing column in the header: {column.name}.", line=1)
        if written is not None:
            found[written] = column.name
    reading.not_read[name] = tuple(column for column in plain.header if column not in found)
    table, lines = read_columns(name, plain.content, tuple(found), plain.delimiter)
    table = table.rename_columns([found[written] for written in table.column_names])
    text = TextRows(name, table, lines, receipt=key, till="")
    numbers = [column.name for column in wanted.values() if column.is_number and column.name in table.column_names]
    return Rows(text, reading, _decimals(text, numbers, reading))


def _decimals(text: TextRows, numbers: list[str], reading: Reading) -> str:
    told = reading.common.decimals
    if told != "detect":
        return told
    found = decimals_of([pc.drop_null(text.text(column).dictionary) for column in numbers])
    if found is None:
        raise FileRejected(
            text.name,
            "its amounts can be read with decimal points and with decimal commas.",
            what_now="Set feed_settings.decimals of the store to point or comma.",
        )
    if found == "comma":
        reading.form.append(f"{text.name}: decimal commas")
    return found


def no_codes(count: int) -> Any:
    """A column of codes without any, for an optional column that is missing."""
    return pa.DictionaryArray.from_arrays(pa.nulls(count, pa.int32()), pa.array([], pa.string()))
