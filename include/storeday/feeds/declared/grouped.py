"""Feeds whose files have no row for a receipt: it is all the rows that name it, and its total is that of its lines.

So lines cannot be held to a receipt's total, and the tenders are: Guarantees(lines=False).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.declared.feed import DeclaredFeed
from storeday.feeds.declared.moments import LocalTime
from storeday.feeds.declared.receipts import Owners, of_this_store, trading_days
from storeday.feeds.declared.rows import Column, Rows, no_codes
from storeday.feeds.declared.says import Says, Text
from storeday.model.errors import FileRejected
from storeday.model.sums import sum_by
from storeday.model.tables import RECEIPTS, UTC


@dataclass(frozen=True)
class Happened:
    """Rows that say that a receipt happened and when; the latest of its rows counts."""

    receipt: Says
    at: LocalTime
    kind: Says
    rows: Says | None = None
    of: str = ""
    is_of_the_files_day: bool = True  # its trading day is that of the file's name; else worked out from the time

    def columns(self) -> Iterator[Column]:
        """All columns that its words read."""
        for word in (self.receipt, self.at, self.kind, self.rows):
            yield from word.columns() if word is not None else ()


class GroupedFeed(DeclaredFeed):
    """A feed whose receipts are groups of rows. A receipt without a line is a void: only its number counts."""

    happened: tuple[Happened, ...]
    location: Text

    def columns_of(self, role: str) -> Iterator[Column]:
        """The columns that the declarations read of a file."""
        yield from self.location.columns()
        for each in (*self.happened, *self._of(role)):
            if each.of == role:
                yield from each.columns()

    def key_of(self, role: str) -> str:
        """The column that names a row's receipt in a file, for messages."""
        said = next(each for each in self.happened if each.of == role)
        return next(said.receipt.columns()).name

    def prepared(self, rows: dict[str, Rows]) -> dict[str, Rows]:
        """The rows of this store. Raises: FileRejected for those of a store that is not known."""
        return {role: mine.where(of_this_store(self.location, mine)) for role, mine in rows.items()}

    def read_owners(self, rows: dict[str, Rows]) -> Owners:
        """The receipts, not summed up yet."""
        parts = [self._rows_of(each, rows) for each in self.happened]
        keys = pa.concat_arrays([part["receipt"].cast(pa.string()) for part in parts]).dictionary_encode()
        group = np.asarray(keys.indices)
        at = pd.Series(np.concatenate([part["at"].cast(pa.int64()).to_numpy() for part in parts]))
        first = np.unique(group, return_index=True)[1]
        said = pa.concat_tables(
            [pa.table({n: part[n] for n in ("kind", "trading_day", "file_line")}) for part in parts]
        )
        said = said.unify_dictionaries().combine_chunks().take(pa.array(first))
        count = len(keys.dictionary)
        nothing, zeros = no_codes(count), pa.array(np.zeros(count, dtype=np.int64))
        columns = {
            "till": pa.array([rows[""].reading.common.till] * count, pa.string()),
            "receipt": keys.dictionary,
            "trading_day": said.column("trading_day"),
            "at": pa.array(at.groupby(group).max().to_numpy(), pa.timestamp("us")).cast(UTC),
            "kind": said.column("kind"),
            "gross_minor": zeros,
            "tax_minor": zeros,
            "customer": nothing,
            "original": nothing,
            "file_line": said.column("file_line"),
        }
        table = pa.table([_flat(columns[field.name]).cast(field.type) for field in RECEIPTS], schema=RECEIPTS)
        return Owners(table, keys.dictionary, np.arange(count), rows[""].text.name)

    def totalled(self, receipts: pa.Table, lines: pa.Table) -> pa.Table:
        """The receipts with the sums of their lines; void where there is none."""
        size = receipts.num_rows
        keys = receipts.column("receipt").cast(pa.string())
        owner = pc.index_in(lines.column("receipt").cast(pa.string()), keys.combine_chunks()).to_numpy()
        for name in ("gross_minor", "tax_minor"):
            place = RECEIPTS.get_field_index(name)
            sums = sum_by(owner, lines.column(name).to_numpy(), size)
            receipts = receipts.set_column(place, RECEIPTS.field(place), pa.array(sums))
        has_lines = sum_by(owner, np.ones(len(owner), dtype=np.int64), size) > 0
        kind = pc.if_else(pa.array(has_lines), receipts.column("kind").cast(pa.string()), "void")
        place = RECEIPTS.get_field_index("kind")
        return receipts.set_column(place, RECEIPTS.field(place), kind.cast(RECEIPTS.field(place).type))

    def _rows_of(self, said: Happened, rows: dict[str, Rows]) -> dict[str, Any]:
        mine = rows[said.of] if said.rows is None else rows[said.of].where(said.rows.of(rows[said.of]))
        at = said.at.of(mine)
        if said.is_of_the_files_day:
            days = pa.array(np.full(len(mine), self.files_day(rows)))
        else:
            days = trading_days(at, mine)
        return {
            "receipt": said.receipt.of(mine),
            "at": at,
            "kind": said.kind.of(mine),
            "trading_day": days,
            "file_line": pa.array(mine.lines, pa.int32()),
        }

    def files_day(self, rows: dict[str, Rows]) -> np.datetime64:
        """The trading day that the slice's name says. Raises: FileRejected where it says none."""
        name = rows[""].text.name
        day = self.day_hint(name, b"", rows[""].reading.rules)
        if day is None:
            raise FileRejected(name, "the name says no day, as 20261122.")
        return np.datetime64(day, "D")


def _flat(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
