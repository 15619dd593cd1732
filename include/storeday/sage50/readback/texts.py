"""Text columns of Sage's exports into days and minor units, whole columns at once, faults by line."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from storeday.sage50.readback.trail import ReadbackRefused

_AMOUNT: Final = r"^-?[0-9]{1,11}(\.[0-9]{1,2})?$"
_WHOLE: Final = r"^-?[0-9]{1,9}$"


@dataclass(frozen=True)
class Columns:
    """The cells of a file, a text column each, and the line that its first row stands on."""

    name: str
    table: pa.Table
    first_line: int

    def text(self, column: str) -> Any:
        """A column without blanks at its ends, and without what a terminal would obey."""
        return clean(self.table.column(column).combine_chunks())

    def day(self, column: str) -> Any:
        """A column of days, DD/MM/YYYY. Raises: ReadbackRefused with the line of one that is none."""
        said = self.text(column)
        days = pc.strptime(said, format="%d/%m/%Y", unit="s", error_is_null=True)
        well = pc.and_(pc.is_valid(days), pc.match_substring_regex(said, r"^[0-9]{2}/[0-9]{2}/[0-9]{4}$"))
        self._hold(well, said, "is no date as 31/12/2026; set the export's dates to DD/MM/YYYY")
        return days.cast(pa.date32())

    def minor(self, column: str) -> Any:
        """A column of amounts in minor units; empty is nothing. Raises: ReadbackRefused with a line."""
        said = pc.replace_substring(self.text(column), ",", "")
        said = pc.if_else(pc.equal(said, ""), "0", said)
        self._hold(pc.match_substring_regex(said, _AMOUNT), said, "is no amount of money with two decimals")
        return minor_of_decimals(said.cast(pa.decimal128(18, 2)))

    def whole(self, column: str) -> Any:
        """A column of whole numbers; empty is 0. Raises: ReadbackRefused with a line."""
        said = self.text(column)
        said = pc.if_else(pc.equal(said, ""), "0", said)
        self._hold(pc.match_substring_regex(said, _WHOLE), said, "is no whole number")
        return said.cast(pa.int64())

    @property
    def lines(self) -> Any:
        """The line of each row."""
        return pa.array(range(self.first_line, self.first_line + len(self.table)), pa.int64())

    def refuse(self, at: int, why: str) -> None:
        """Raises: ReadbackRefused for one row, counted from 0."""
        raise ReadbackRefused(self.name, why, self.first_line + at)

    def _hold(self, is_well: Any, said: Any, why: str) -> None:
        wrong = pc.index(is_well, pa.scalar(False)).as_py()
        if wrong >= 0:
            self.refuse(wrong, f"{said[wrong].as_py()[:40]!r} {why}.")


def clean(texts: Any) -> Any:
    """Texts on one line each, without control characters, and blanks at their ends left out."""
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, r"\p{C}", ""))


def minor_of_decimals(exact: Any) -> Any:
    """Amounts with two decimals as int64 minor units."""
    return pc.cast(pc.multiply(exact, pa.scalar(100)), pa.int64())


def columns_of(name: str, content: bytes, columns: list[str], first_line: int = 1) -> Columns:
    """The cells of a CSV file as text; lines before ``first_line`` are its headings.

    Raises: ReadbackRefused with the line that has another number of cells.
    """
    wrong: list[tuple[int, int]] = []

    def spot(row: Any) -> str:
        if row.text.strip(' ",\r\n\x1a'):
            wrong.append((row.number, row.actual_columns))
        return "skip"

    try:
        table = csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(
                use_threads=False, column_names=columns, skip_rows=first_line - 1, encoding=encoding_of(content)
            ),
            parse_options=csv.ParseOptions(invalid_row_handler=spot),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return Columns(name, pa.table({column: pa.array([], pa.string()) for column in columns}), first_line)
        raise ReadbackRefused(name, f"it can't be read as CSV ({error}).") from error
    if wrong:
        line, cells = wrong[0]
        raise ReadbackRefused(name, f"it has {cells} cells where {len(columns)} are expected.", line)
    return Columns(name, table, first_line)


def encoding_of(content: bytes) -> str:
    """UTF-8 where the bytes are, else Windows' Western one, in which Sage writes."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def first_cells(content: bytes) -> list[str]:
    """The cells of a file's first line."""
    import csv as plain_csv

    line = content.partition(b"\n")[0].decode(encoding_of(content)).removeprefix("\ufeff")
    return [cell.strip() for cell in next(plain_csv.reader([line.rstrip("\r")]), [])]
