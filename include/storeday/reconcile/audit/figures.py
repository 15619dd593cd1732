"""The audit's tables for programs and spreadsheets: each as Parquet and as CSV, the same figures.

Amounts are whole minor units in Parquet, and text with two decimals in CSV. Text that a spreadsheet would run begins
with an apostrophe in CSV. Source: OWASP, CSV Injection.
"""

from __future__ import annotations

import csv
import io
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from storeday.model.money import plain
from storeday.reconcile.audit.month import MonthAudit

Frame = pd.DataFrame

FOLDER: Final = "figures"
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_MINOR: Final = "_minor"
_DAYS: Final = {"trading_day", "valid_from"}
_MOMENTS: Final = {"at", "staged_at"}


def figure_files(audit: MonthAudit) -> dict[str, bytes]:
    """The files of all tables, by name."""
    files: dict[str, bytes] = {}
    for name, frame in audit.tables.items():
        files[f"{FOLDER}/{name}.parquet"] = parquet_of(frame)
        files[f"{FOLDER}/{name}.csv"] = csv_of(frame)
    return files


def parquet_of(frame: Frame) -> bytes:
    """A table as Parquet: text, 64-bit integers, dates, moments in UTC without a zone."""
    columns = {name: pa.array(_plain(frame[name]), _type_of(name, frame)) for name in frame.columns}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def csv_of(frame: Frame) -> bytes:
    """A table as CSV after RFC 4180, UTF-8; the amounts' columns are named without their unit."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([str(name).removesuffix(_MINOR) for name in frame.columns])
    columns = [[_cell(str(name), value) for value in _plain(frame[name])] for name in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def neutral(text: str) -> str:
    """Text that no spreadsheet runs.

    >>> neutral("=1+1"), neutral("Shop 1")
    ("'=1+1", 'Shop 1')
    """
    return f"'{text}" if text.startswith(_RUNS) else text


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith(_MINOR):
        return plain(int(value))
    return neutral(str(value)) if isinstance(value, str) else str(value)


def _plain(column: Any) -> list[Any]:
    """A column's values, None where one is not known."""
    return [None if value is pd.NA or value is None else value for value in column.tolist()]


def _type_of(name: Any, frame: Frame) -> pa.DataType:
    if name in _DAYS:
        return pa.date32()
    if name in _MOMENTS:
        return pa.timestamp("us")
    return pa.int64() if pd.api.types.is_integer_dtype(frame[name].dtype) else pa.string()
