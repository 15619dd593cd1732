"""The rows of storeday-csv as canonical rows: of one file, some at a time, or of several small files as one text.

Source: docs/feeds/storeday-csv.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.base import ReadingRules
from storeday.feeds.columns import TextRows, amounts, codes, counts, local_naive, moments, quantities, shown
from storeday.feeds.csv_cells import Positions
from storeday.model.errors import FileRejected
from storeday.model.sums import Ints
from storeday.model.tables import KINDS, REFUND, SALE, SCHEMAS

COLUMNS: Final = tuple(
    "record,store,till,receipt,line,at,kind,sku,description,category,quantity,unit_price,discount,gross,"
    "tax_class,tax,tender,amount,customer,original".split(",")
)
RECORDS: Final = ("RECEIPT", "LINE", "TENDER", "Z", "ZTENDER", "COUNT")

_TILL: Final = (r"^[A-Za-z0-9_-]{1,12}$", "a till's code")
_NUMBER: Final = (r"^[0-9]{1,12}$", "a running number in digits")
_CODE: Final = (r"^\S(.{0,62}\S)?$", "a code of at most 64 characters")
_TEXT: Final = (r"(?s)^.{0,500}$", "a text of at most 500 characters")


@dataclass(frozen=True)
class Slices:
    """How rows find their trading day, and the slice of time that those of each file must lie in."""

    rules: ReadingRules
    starts: tuple[datetime, ...]  # by file: when its slice starts, by the store's clock
    begins: Positions  # by file: the line that its rows begin on

    def files(self, lines: Positions) -> Ints:
        """The number of the file that each line is of."""
        return np.searchsorted(self.begins, lines, side="right") - 1

    def days(self, rows: TextRows, at: Any) -> Any:
        """The trading day of each moment. Raises FileRejected for one outside its file's slice."""
        local = local_naive(at, self.rules.timezone).to_numpy()
        start = np.array(self.starts, dtype="datetime64[us]")[self.files(rows.lines)]
        slack, length = (
            np.timedelta64(minutes, "m") for minutes in (self.rules.clock_tolerance_minutes, self.rules.slice_minutes)
        )
        outside = np.flatnonzero((local < start - slack) | (local >= start + length + slack))
        if len(outside):
            raise self._outside(rows, int(outside[0]), pd.Timestamp(local[outside[0]]))
        shifted = local - np.timedelta64(self.rules.day_starts_minutes, "m")
        return pa.array(shifted.astype("datetime64[D]"))

    def _outside(self, rows: TextRows, row: int, local: datetime) -> FileRejected:
        start = self.starts[self.files(rows.lines)[row]]
        end = start + timedelta(minutes=self.rules.slice_minutes)
        return rows.refuse(
            row,
            f"its time {local:%d %b %Y %H:%M} is outside the file's slice, {start:%d %b %Y %H:%M} "
            f"to {end:%H:%M}, by more than {self.rules.clock_tolerance_minutes} minutes.",
        )


def check_store(rows: TextRows, rules: ReadingRules) -> None:
    """Raises: FileRejected for a row of another store."""
    foreign = np.flatnonzero(pc.not_equal(rows.text("store"), rules.store).to_numpy(zero_copy_only=False))
    if len(foreign):
        row = int(foreign[0])
        raise rows.refuse(row, f"a row of another store: {shown(rows.text('store')[row])}, not {rules.store}.")


def _split_by_record(rows: TextRows) -> dict[str, TextRows]:
    record = rows.text("record")
    known = pc.is_in(record.dictionary, pa.array(RECORDS)).to_numpy(zero_copy_only=False)
    place = record.indices.to_numpy()
    if not known[place].all():
        row = int(np.argmin(known[place]))
        raise rows.refuse(row, f"record {shown(record[row])} is none of {', '.join(RECORDS)}.")
    named = record.dictionary.to_pylist()
    return {name: rows.where(place == (named.index(name) if name in named else -1)) for name in RECORDS}


def some_tables(rows: TextRows, slices: Slices) -> Iterator[tuple[str, pa.Table]]:
    """What some rows hold, by canonical table; rows that belong to a Z have no trading day yet."""
    by_record = {name: of_name for name, of_name in _split_by_record(rows).items() if len(of_name)}
    owners = None
    if said := by_record.get("RECEIPT"):
        owners = _Owners(said, _receipts(said, slices), slices)
        yield "receipts", owners.table
    if said := by_record.get("LINE"):
        yield "lines", _lines(said, owners)
    if said := by_record.get("TENDER"):
        yield "tenders", _tenders(said, owners)
    if said := by_record.get("Z"):
        yield "z", _z(said, slices)
    if said := by_record.get("ZTENDER"):
        yield "ztenders", _ztenders(said)
    if said := by_record.get("COUNT"):
        yield "counts", _counts(said, slices)


@dataclass(frozen=True)
class _Owners:
    """The receipts among some rows, as rows and as a table."""

    rows: TextRows
    table: pa.Table
    slices: Slices

    def above(self, rows: TextRows) -> Any:
        """The receipt that each row stands below; None where not each has one above it in its own file."""
        above = np.searchsorted(self.rows.lines, rows.lines) - 1
        if above[0] < 0:
            return None
        is_own = self.slices.files(self.rows.lines)[above] == self.slices.files(rows.lines)
        return above if is_own.all() else None


def _of_owners(rows: TextRows, owners: _Owners | None) -> dict[str, Any]:
    """Till and number of each row's receipt; its trading day too where all stand below their own receipt."""
    if owners is not None:
        above = owners.above(rows)
        if above is not None and all(rows.same(column, owners.rows, above) for column in ("till", "receipt")):
            place = pa.array(above)
            return {name: owners.table.column(name).take(place) for name in ("till", "receipt", "trading_day")}
    return {"till": codes(rows, "till", *_TILL), "receipt": codes(rows, "receipt", *_NUMBER)}


def _receipts(rows: TextRows, slices: Slices) -> pa.Table:
    at = moments(rows, "at")
    kind = codes(rows, "kind", f"^({'|'.join(KINDS)})$", "one of " + ", ".join(KINDS))
    gross, tax = amounts(rows, "gross"), amounts(rows, "tax")
    money_free = pc.invert(pc.is_in(kind, pa.array([SALE, REFUND])))
    carries = pc.or_(pc.not_equal(gross, 0), pc.not_equal(tax, 0))
    if wrong := np.flatnonzero(pc.and_(money_free, carries).to_numpy(zero_copy_only=False)).tolist():
        raise rows.refuse(wrong[0], f"a receipt of kind {kind[wrong[0]].as_py()} carries money.")
    above_zero = pc.and_(pc.equal(kind, REFUND), pc.greater(gross, 0))
    if wrong := np.flatnonzero(above_zero.to_numpy(zero_copy_only=False)).tolist():
        raise rows.refuse(wrong[0], "a refund is above zero: what is given back is written with a minus.")
    return _table(
        "receipts",
        rows,
        till=codes(rows, "till", *_TILL),
        receipt=codes(rows, "receipt", *_NUMBER),
        trading_day=slices.days(rows, at),
        at=at,
        kind=kind,
        gross_minor=gross,
        tax_minor=tax,
        customer=codes(rows, "customer", *_CODE, required=False),
        original=codes(rows, "original", *_CODE, required=False),
    )


def _lines(rows: TextRows, owners: _Owners | None) -> pa.Table:
    return _table(
        "lines",
        rows,
        **_of_owners(rows, owners),
        line=counts(rows, "line"),
        sku=codes(rows, "sku", *_CODE),
        description=codes(rows, "description", *_TEXT, required=False),
        category=codes(rows, "category", *_CODE),
        quantity_milli=quantities(rows, "quantity"),
        unit_price_minor=amounts(rows, "unit_price"),
        discount_minor=pc.fill_null(amounts(rows, "discount", required=False), 0),
        gross_minor=amounts(rows, "gross"),
        tax_class=codes(rows, "tax_class", *_CODE),
        tax_minor=amounts(rows, "tax"),
    )


def _tenders(rows: TextRows, owners: _Owners | None) -> pa.Table:
    return _table(
        "tenders",
        rows,
        **_of_owners(rows, owners),
        line=counts(rows, "line"),
        tender=codes(rows, "tender", *_CODE),
        amount_minor=amounts(rows, "amount"),
    )


def _z(rows: TextRows, slices: Slices) -> pa.Table:
    at = moments(rows, "at")
    return _table(
        "z",
        rows,
        till=codes(rows, "till", *_TILL),
        z=codes(rows, "receipt", *_NUMBER),
        trading_day=slices.days(rows, at),
        at=at,
        gross_minor=amounts(rows, "gross"),
        tax_minor=amounts(rows, "tax"),
        receipts=counts(rows, "quantity"),
    )


def _ztenders(rows: TextRows) -> pa.Table:
    return _table(
        "ztenders",
        rows,
        till=codes(rows, "till", *_TILL),
        z=codes(rows, "receipt", *_NUMBER),
        tender=codes(rows, "tender", *_CODE),
        counted_minor=amounts(rows, "amount"),
    )


def _counts(rows: TextRows, slices: Slices) -> pa.Table:
    at = moments(rows, "at")
    return _table(
        "counts",
        rows,
        trading_day=slices.days(rows, at),
        at=at,
        sku=codes(rows, "sku", *_CODE),
        quantity_milli=quantities(rows, "quantity"),
    )


def _table(table: str, rows: TextRows, **columns: Any) -> pa.Table:
    """Columns in the order of the canonical table, of which some may be added later."""
    columns["file_line"] = pa.array(rows.lines, pa.int32())
    schema = pa.schema([field for field in SCHEMAS[table] if field.name in columns])
    return pa.table([columns[field.name].cast(field.type) for field in schema], schema=schema)
