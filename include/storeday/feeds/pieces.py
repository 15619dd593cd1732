"""Canonical pieces: the tables of one file, split by trading day and kept as Parquet; and put together again.

A piece is written whole under its file's digest, so writing it twice is writing the same. A store-day is
the pieces of its accepted files, in order of name and digest, whatever order they came in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from storeday.config.places import Places
from storeday.feeds.owners import owner_rows
from storeday.model.storage import read_all, write_all
from storeday.model.tables import CODE, FILE, RECEIPT_ROW, SCHEMAS, Tables

_OWNED = ("lines", "tenders")
_SAID_BY_OWNER = ("receipt", "description")
"""Columns of lines and tenders that stay in the pieces: their receipt says the first, no check asks the other."""


@dataclass(frozen=True)
class Piece:
    """What one file holds of one trading day."""

    trading_day: date
    tables: Tables

    @property
    def filled(self) -> tuple[str, ...]:
        """The names of the tables that have rows."""
        return tuple(name for name, table in self.tables.items() if table.num_rows)


def split_by_day(tables: Tables) -> list[Piece]:
    """One file's tables by trading day, oldest first."""
    days = sorted({day for _, table in tables.items() for day in table.column("trading_day").unique().to_pylist()})
    if len(days) == 1:
        return [Piece(days[0], tables)]
    return [
        Piece(
            day, Tables(**{n: t.filter(pc.equal(t.column("trading_day"), pa.scalar(day))) for n, t in tables.items()})
        )
        for day in days
    ]


def write_piece(places: Places, store: str, sha256: str, piece: Piece) -> None:
    """Keep one piece: a Parquet file a table, empty tables left out."""
    files = {}
    for name, table in piece.tables.items():
        if not table.num_rows:
            continue
        if name in _OWNED:
            table = _with_owner(table, piece.tables.receipts)  # noqa: PLW2901
        sink = pa.BufferOutputStream()
        coded = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
        pq.write_table(table, sink, compression="zstd", use_dictionary=coded)
        files[places.canonical(store, piece.trading_day, name, sha256)] = sink.getvalue().to_pybytes()
    write_all(files)


def read_store_day(places: Places, store: str, day: date, files: list[tuple[str, tuple[str, ...]]]) -> Tables:
    """A store-day's tables from its pieces, with ``file`` on every row and ``receipt_row`` on lines and tenders.

    Lines and tenders come without receipt number and description: ``receipt_row`` leads to the former.

    ``files`` are the digests in their order, each with the names of the tables it has.
    """
    read = read_all(places.canonical(store, day, name, sha256) for sha256, tables in files for name in tables)
    parts: dict[str, list[pa.Table]] = {name: [] for name in SCHEMAS}
    receipts_before = 0
    for sha256, tables in files:
        for name in tables:
            table = _read(read[places.canonical(store, day, name, sha256)], name, sha256)
            if name in _OWNED:
                place = table.schema.get_field_index(RECEIPT_ROW.name)
                moved = pc.add(table.column(place), pa.scalar(receipts_before, pa.int32()))
                table = table.set_column(place, RECEIPT_ROW, moved)
            parts[name].append(table)
        if "receipts" in tables:
            receipts_before += parts["receipts"][-1].num_rows
    return Tables(**{name: _together(name, found) for name, found in parts.items()})


def _with_owner(table: pa.Table, receipts: pa.Table) -> pa.Table:
    rows = owner_rows(
        receipts, "receipt", table.column("till"), table.column("receipt"), table.column("file_line").to_numpy()
    )
    return table.append_column(RECEIPT_ROW, pa.array(rows, RECEIPT_ROW.type))


def _read(content: bytes, name: str, sha256: str) -> pa.Table:
    wanted = [field for field in _schema(name) if field.name != FILE.name]
    coded = [field.name for field in wanted if pa.types.is_dictionary(field.type)]
    table = pq.read_table(
        pa.BufferReader(content), columns=[field.name for field in wanted], read_dictionary=coded
    ).cast(pa.schema(wanted))
    file = pa.DictionaryArray.from_arrays(pa.array(np.zeros(table.num_rows, dtype=np.int32)), pa.array([sha256]))
    return table.append_column(FILE, file.cast(CODE))


def _together(name: str, tables: list[pa.Table]) -> pa.Table:
    if not tables:
        return _schema(name).empty_table()
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _schema(name: str) -> Any:
    """The schema of a store-day's table, as read_store_day gives it."""
    if name not in _OWNED:
        return SCHEMAS[name].append(FILE)
    return (
        pa.schema([field for field in SCHEMAS[name] if field.name not in _SAID_BY_OWNER])
        .append(RECEIPT_ROW)
        .append(FILE)
    )
