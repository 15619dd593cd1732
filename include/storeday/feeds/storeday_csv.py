"""The feed `storeday-csv`, version 1: the CSV contract that a POS vendor is asked to export.

Six kinds of rows in one file, told apart by ``record``; a marker beside it says that it is complete.
Source: docs/feeds/storeday-csv.md.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import IO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.base import Marker, ReadFile, ReadingRules, ReadTogether
from storeday.feeds.columns import TextRows
from storeday.feeds.csv_bytes import contract_rows, joined_rows
from storeday.feeds.marker import parse_marker
from storeday.feeds.owners import has_doubles, together, with_days
from storeday.feeds.storeday_rows import COLUMNS, Slices, check_store, some_tables
from storeday.model.days import trading_day_of
from storeday.model.errors import FileRejected
from storeday.model.guarantees import Guarantees
from storeday.model.tables import LINES, SCHEMAS, TENDERS, ZTENDERS, Tables

_FIRST_LINE: Final = np.array([2], dtype=np.int64)
"""The line that a file's rows begin on, below its header."""

_NAME: Final = re.compile(r"(?P<store>[A-Z0-9]{1,8})_(?P<start>[0-9]{8}T[0-9]{4})\.csv")


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
        slices = Slices(rules, (_slice_start(name, rules),), _FIRST_LINE)
        parts: dict[str, list[pa.Table]] = {table: [] for table in SCHEMAS}
        records = 0
        for cells, lines in contract_rows(name, stream, COLUMNS, starts=b"RECEIPT,"):
            rows = TextRows(name, cells, lines)
            check_store(rows, rules)
            for part, read in some_tables(rows, slices):
                parts[part].append(read)
            records += len(rows)
        tables = _joined(name, parts, slices)
        gross = pc.sum(tables.receipts.column("gross_minor")).as_py() or 0
        return ReadFile(tables, records=records, receipts=tables.receipts.num_rows, gross_minor=gross)

    def read_many(self, files: Mapping[str, bytes], rules: ReadingRules) -> ReadTogether:
        """Whole files as one text; FileRejected where one is refused, or has another header than the first."""
        cells, lines, begins = joined_rows(files, COLUMNS)
        slices = Slices(rules, tuple(_slice_start(name, rules) for name in files), begins)
        rows = TextRows(", ".join(files), cells, lines)
        check_store(rows, rules)
        parts: dict[str, list[pa.Table]] = {table: [] for table in SCHEMAS}
        for part, read in some_tables(rows, slices):
            parts[part].append(read)
        tables = dict(_joined(rows.name, parts, slices).items())
        counted = {}
        for part, table in tables.items():
            of_text = table.column("file_line").to_numpy()
            file = slices.files(of_text)
            counted[part] = np.bincount(file, minlength=len(files))
            in_file = pa.array(of_text - begins[file] + _FIRST_LINE[0], pa.int32())
            tables[part] = table.set_column(table.schema.get_field_index("file_line"), "file_line", in_file)
        records = np.bincount(slices.files(lines), minlength=len(files))
        return ReadTogether(Tables(**tables), counted, tuple(records.tolist()))


def _joined(name: str, parts: dict[str, list[pa.Table]], slices: Slices) -> Tables:
    """Parts of tables as whole ones, each row with its trading day."""
    receipts, z, counts = (together(parts[table], SCHEMAS[table]) for table in ("receipts", "z", "counts"))
    is_known = not has_doubles(receipts, "receipt", slices.files)
    return Tables(
        receipts=receipts,
        lines=with_days(name, parts["lines"], receipts, "receipt", LINES, slices.files, is_known=is_known),
        tenders=with_days(name, parts["tenders"], receipts, "receipt", TENDERS, slices.files, is_known=is_known),
        z=z,
        ztenders=with_days(name, parts["ztenders"], z, "z", ZTENDERS, slices.files, is_known=False),
        counts=counts,
    )


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
