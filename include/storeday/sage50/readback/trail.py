"""The audit trail as one table, whatever way it was read: a row a transaction, amounts in minor units.

What a kind of export cannot show is null in its column and named by ``Trail.cannot_show``. Source: docs/reconcile.md,
"Ways to read".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

import pandas as pd
import pyarrow as pa

from storeday.model.errors import CannotCompare

TRAIL: Final = pa.schema(
    [
        ("line", pa.int64()),  # of the file (its first line is 1), or the transaction's number
        ("number", pa.int64()),  # Sage's number of the transaction
        ("header", pa.int64()),  # of what Sage keeps under one header
        ("type", pa.string()),
        ("account", pa.string()),  # bank, customer or supplier; empty for journals
        ("nominal", pa.string()),
        ("department", pa.int64()),
        ("date", pa.date32()),
        ("reference", pa.string()),
        ("details", pa.string()),
        ("net_minor", pa.int64()),
        ("tax_code", pa.string()),
        ("tax_minor", pa.int64()),
        ("extra_reference", pa.string()),
        ("user", pa.string()),
        ("is_deleted", pa.bool_()),
        ("is_vat_reconciled", pa.bool_()),
    ]
)
"""The columns of a trail."""

JOURNAL_TYPES: Final = ("JD", "JC")
BANK_TYPES: Final = ("BR", "BP", "CR", "CP", "VR", "VP")
OPPOSITE: Final = {
    **{"BR": "BP", "BP": "BR", "CR": "CP", "CP": "CR", "VR": "VP", "VP": "VR"},
    **{"SI": "SC", "SC": "SI", "SA": "SP", "SP": "SA", "JD": "JC", "JC": "JD"},
}
"""The type of an entry that takes another back."""


class Export(StrEnum):
    """The ways in which a trail can be read."""

    IMPORT_LAYOUT = "import_layout"  # "Transaction CSV" and "(Extended)": the columns of the import
    AUDIT_TRAIL = "audit_trail"  # journal view, without headings
    ODBC = "odbc"


class Shows(StrEnum):
    """What not every export can show."""

    ACCOUNT = "customers' accounts"
    TAX_CODE = "tax codes"
    DEPARTMENT = "departments"
    EXTRA_REFERENCE = "the Extra Reference, which is the batch"
    DELETED = "deleted transactions"
    VAT_RECONCILED = "what is on a VAT return already"
    BOXES = "the boxes of the VAT return"
    NOMINALS = "the double entry by nominal"
    STOCK = "stock transactions"


class ReadbackRefused(CannotCompare):
    """What came from Sage can't be read: which file, which line, and what to do."""

    def __init__(
        self, name: str, why: str, line: int | None = None, what_now: str = "Export it from Sage again."
    ) -> None:
        where = f"{name} line {line}" if line is not None else name
        super().__init__(f"{where}: {why} {what_now}")


@dataclass(frozen=True)
class Trail:
    """Everything that one reading showed.

    ``boxes`` has number, box, tax_code, date and minor; ``legs`` number, nominal and minor (a debit is positive);
    ``stock`` number, type, code, date, reference, details and hundredths. None where the reading has no such thing.
    """

    export: Export
    name: str
    rows: pd.DataFrame
    shows: frozenset[Shows]
    boxes: pd.DataFrame | None = None
    legs: pd.DataFrame | None = None
    stock: pd.DataFrame | None = None
    cleared_ranges: tuple[tuple[int, int], ...] = ()  # of transaction numbers that Sage has cleared
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The first and last date of a transaction."""
        if self.rows.empty:
            return None, None
        return self.rows["date"].min(), self.rows["date"].max()

    def cannot_show(self) -> list[str]:
        """What this kind of export cannot show, in words."""
        return [what.value for what in Shows if what not in self.shows]


def trail_frame(columns: dict[str, pa.Array | pa.ChunkedArray]) -> pd.DataFrame:
    """A trail's rows, Arrow-backed, from those of its columns that are there; the others are null."""
    length = len(next(iter(columns.values())))
    arrays = [columns[f.name].cast(f.type) if f.name in columns else pa.nulls(length, f.type) for f in TRAIL]
    return frame_of(pa.table(arrays, schema=TRAIL))


def frame_of(table: pa.Table) -> pd.DataFrame:
    """A table as a frame whose columns stay Arrow's."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame
