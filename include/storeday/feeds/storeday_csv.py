"""The feed `storeday-csv`, version 1: the CSV contract that a POS vendor is asked to export.

Six kinds of rows in one file, told apart by ``record``; a marker beside it says that it is complete.
Source: docs/feeds/storeday-csv.md.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.base import Marker, ReadFile, ReadingRules
from storeday.feeds.columns import TextRows, amounts, codes, counts, local_naive, moments, quantities, shown
from storeday.feeds.csv_bytes import contract_rows
from storeday.feeds.marker import parse_marker
from storeday.feeds.owners import has_doubles, together, with_days
from storeday.model.days import trading_day_of
from storeday.model.errors import FileRejected
from storeday.model.guarantees import Guarantees
from storeday.model.tables import KINDS, LINES, REFUND, SALE, SCHEMAS, TENDERS, ZTENDERS, Tables

COLUMNS: Final = tuple(
    "record,store,till,receipt,line,at,kind,sku,description,category,quantity,unit_price,discount,gross,"
    "tax_class,tax,tender,amount,customer,original".split(",")
)
RECORDS: Final = ("RECEIPT", "LINE", "TENDER", "Z", "ZTENDER", "COUNT")

_NAME: Final = re.compile(r"(?P<store>[A-Z0-9]{1,8})_(?P<start>[0-9]{8}T[0-9]{4})\.csv")
_TILL: Final = (r"^[A-Za-z0-9_-]{1,12}$", "a till's code")
_NUMBER: Final = (r"^[0-9]{1,12}$", "a running number in digits")
_CODE: Final = (r"^\S(.{0,62}\S)?$", "a code of at most 64 characters")
_TEXT: Final = (r"(?s)^.{0,500}$", "a text of at most 500 characters")


class StoredayCsv:
    """The agreed contract: every guarantee given."""

    name = "storeday-csv"
    guarantees = Guarantees()

    def is_mine(self, name: str) -> bool:
        """``{store}_{YYYYMMDD}T{HHMM}.csv``."""
        return _NAME.fullmatch(name) is not None

    def marker_of(self, name: str) -> str:
        """The same name with ``.ok`` in place of ``.csv``."""
        return name.removesuffix(".csv") + ".ok"

    def day_hint(self, name: str, content: bytes, rules: ReadingRules) -> date | None:  # noqa: ARG002
        """The trading day that the slice starts on."""
        try:
            return trading_day_of(_slice_start(name, rules), rules.day_starts_minutes)
        except FileRejected:
            return None

    def read_marker(self, name: str, content: bytes) -> Marker:
        """The marker, which must count records and receipts and say the gross."""
        marker = parse_marker(name, content)
        for key in ("records", "receipts", "gross_minor"):
            if getattr(marker, key) is None:
                raise FileRejected(name, f"the marker does not say {key.removesuffix('_minor')}.")
        return marker

    def read(self, name: str, content: bytes, rules: ReadingRules) -> ReadFile:
        """The whole file, or FileRejected with line and receipt."""
        return self.read_stream(name, io.BytesIO(content), rules)

    def read_stream(self, name: str, stream: IO[bytes], rules: ReadingRules) -> ReadFile:
        """The same from an open file, of which some megabytes are in memory at a time beside what was read."""
        days = _Days(rules, _slice_start(name, rules))
        parts: dict[str, list[pa.Table]] = {table: [] for table in SCHEMAS}
        records = 0
        for cells, lines in contract_rows(name, stream, COLUMNS, starts=b"RECEIPT,"):
            rows = TextRows(name, cells, lines)
            _check_store(rows, rules)
            for part, read in _some_tables(rows, days):
                parts[part].append(read)
            records += len(rows)
        receipts, z, counts = (together(parts[table], SCHEMAS[table]) for table in ("receipts", "z", "counts"))
        is_known = not has_doubles(receipts, "receipt")
        tables = Tables(
            receipts=receipts,
            lines=with_days(name, parts["lines"], receipts, "receipt", LINES, is_known=is_known),
            tenders=with_days(name, parts["tenders"], receipts, "receipt", TENDERS, is_known=is_known),
            z=z,
            ztenders=with_days(name, parts["ztenders"], z, "z", ZTENDERS, is_known=False),
            counts=counts,
        )
        gross = pc.sum(receipts.column("gross_minor")).as_py() or 0
        return ReadFile(tables, records=records, receipts=receipts.num_rows, gross_minor=gross)


@dataclass(frozen=True)
class _Days:
    """How rows of this file find their trading day, and the slice of time they must lie in."""

    rules: ReadingRules
    slice_start: datetime

    def of(self, rows: TextRows, at: Any) -> Any:
        """The trading day of each moment. Raises FileRejected for one outside the file's slice."""
        local = local_naive(at, self.rules.timezone)
        slack = timedelta(minutes=self.rules.clock_tolerance_minutes)
        end = self.slice_start + timedelta(minutes=self.rules.slice_minutes)
        outside = np.flatnonzero(((local < self.slice_start - slack) | (local >= end + slack)).to_numpy())
        if len(outside):
            row = int(outside[0])
            raise rows.refuse(
                row,
                f"its time {local[row]:%d %b %Y %H:%M} is outside the file's slice, {self.slice_start:%d %b %Y %H:%M} "
                f"to {end:%H:%M}, by more than {self.rules.clock_tolerance_minutes} minutes.",
            )
        shifted = local - pd.Timedelta(minutes=self.rules.day_starts_minutes)
        return pa.array(shifted.dt.normalize().to_numpy().astype("datetime64[D]"))


def _slice_start(name: str, rules: ReadingRules) -> datetime:
    matched = _NAME.fullmatch(name)
    if matched is None:
        raise FileRejected(name, "the name is not {store}_{YYYYMMDD}T{HHMM}.csv.")
    if matched["store"] != rules.store:
        raise FileRejected(name, f"the file is named for store {matched['store']} and lies with {rules.store}'s.")
    try:
        return datetime.strptime(matched["start"], "%Y%m%dT%H%M")  # local by contract, so without a zone
    except ValueError:
        raise FileRejected(name, f"the name's date and time {matched['start']} do not exist.") from None


def _check_store(rows: TextRows, rules: ReadingRules) -> None:
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


def _some_tables(rows: TextRows, days: _Days) -> Iterator[tuple[str, pa.Table]]:
    """What some rows hold, by canonical table; rows that belong to a Z have no trading day yet."""
    by_record = {name: of_name for name, of_name in _split_by_record(rows).items() if len(of_name)}
    owners = None
    if said := by_record.get("RECEIPT"):
        owners = _Owners(said, _receipts(said, days))
        yield "receipts", owners.table
    if said := by_record.get("LINE"):
        yield "lines", _lines(said, owners)
    if said := by_record.get("TENDER"):
        yield "tenders", _tenders(said, owners)
    if said := by_record.get("Z"):
        yield "z", _z(said, days)
    if said := by_record.get("ZTENDER"):
        yield "ztenders", _ztenders(said)
    if said := by_record.get("COUNT"):
        yield "counts", _counts(said, days)


@dataclass(frozen=True)
class _Owners:
    """The receipts among some rows, as rows and as a table."""

    rows: TextRows
    table: pa.Table


def _of_owners(rows: TextRows, owners: _Owners | None) -> dict[str, Any]:
    """Till and number of each row's receipt; its trading day too where all stand below their own receipt."""
    if owners is not None:
        above = np.searchsorted(owners.rows.lines, rows.lines) - 1
        if above[0] >= 0 and all(rows.same(column, owners.rows, above) for column in ("till", "receipt")):
            place = pa.array(above)
            return {name: owners.table.column(name).take(place) for name in ("till", "receipt", "trading_day")}
    return {"till": codes(rows, "till", *_TILL), "receipt": codes(rows, "receipt", *_NUMBER)}


def _receipts(rows: TextRows, days: _Days) -> pa.Table:
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
        trading_day=days.of(rows, at),
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


def _z(rows: TextRows, days: _Days) -> pa.Table:
    at = moments(rows, "at")
    return _table(
        "z",
        rows,
        till=codes(rows, "till", *_TILL),
        z=codes(rows, "receipt", *_NUMBER),
        trading_day=days.of(rows, at),
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


def _counts(rows: TextRows, days: _Days) -> pa.Table:
    at = moments(rows, "at")
    return _table(
        "counts",
        rows,
        trading_day=days.of(rows, at),
        at=at,
        sku=codes(rows, "sku", *_CODE),
        quantity_milli=quantities(rows, "quantity"),
    )


def _table(table: str, rows: TextRows, **columns: Any) -> pa.Table:
    """Columns in the order of the canonical table, of which some may be added later."""
    columns["file_line"] = pa.array(rows.lines, pa.int32())
    schema = pa.schema([field for field in SCHEMAS[table] if field.name in columns])
    return pa.table([columns[field.name].cast(field.type) for field in schema], schema=schema)
