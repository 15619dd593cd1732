"""The audit's tables for programs and spreadsheets: each as Parquet in minor units, and as CSV in money."""

from __future__ import annotations

import io
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from storeday.model.spreadsheet import csv_of
from storeday.reconcile.audit.month import MonthAudit

FOLDER: Final = "figures"
_DAYS: Final = {"trading_day"}
_MOMENTS: Final = {"at", "staged_at"}  # UTC, without a zone


def figure_files(audit: MonthAudit) -> dict[str, bytes]:
    """The files of all tables, by name."""
    files: dict[str, bytes] = {}
    for name, frame in audit.tables.items():
        table = _table_of(frame)
        parquet = io.BytesIO()
        pq.write_table(table, parquet)
        files[f"{FOLDER}/{name}.parquet"] = parquet.getvalue()
        files[f"{FOLDER}/{name}.csv"] = csv_of(table)
    return files


def _table_of(frame: pd.DataFrame) -> pa.Table:
    """Text, 64-bit integers, dates and moments; nothing where something is not known."""
    columns = {
        str(name): pa.array([None if value is pd.NA else value for value in frame[name].tolist()], _type(name, frame))
        for name in frame.columns
    }
    return pa.table(columns)


def _type(name: Any, frame: pd.DataFrame) -> pa.DataType:
    if name in _DAYS:
        return pa.date32()
    if name in _MOMENTS:
        return pa.timestamp("us")
    return pa.int64() if pd.api.types.is_integer_dtype(frame[name].dtype) else pa.string()
