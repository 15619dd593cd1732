"""Tables as CSV for spreadsheets: amounts as money, days as dates, and no text that a spreadsheet would run.

Source: OWASP, CSV Injection; RFC 4180.
"""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

MINOR: Final = "_minor"
"""How the names of columns of minor units end; in CSV they go without it."""

_RUNS: Final = r"^([=+\-@\t\r\n])"
_PENNY: Final = pa.scalar(Decimal("0.01"))


def csv_of(table: pa.Table) -> bytes:
    """A table as CSV in UTF-8: minor units as amounts of two decimals, text that would be run behind an apostrophe."""
    columns = [_column(field, table.column(field.name)) for field in table.schema]
    names = [field.name.removesuffix(MINOR) for field in table.schema]
    sink = io.BytesIO()
    csv.write_csv(pa.table(columns, names=names), sink, csv.WriteOptions(quoting_style="needed"))
    return sink.getvalue()


def neutral(texts: Any) -> Any:
    """Texts that no spreadsheet runs.

    >>> neutral(pa.array(["=1+1", "Shop 1"])).to_pylist()
    ["'=1+1", 'Shop 1']
    """
    return pc.replace_substring_regex(texts, _RUNS, r"'\1")


def _column(field: pa.Field, values: Any) -> Any:
    if field.name.endswith(MINOR):
        return pc.multiply(values.cast(pa.decimal128(19, 0)), _PENNY)
    return neutral(values) if field.type == pa.string() else values
