"""Canonical pieces: the tables of files that were read together, by trading day as Parquet; and a store-day of them.

A piece is one table of one trading day, of all files of a bundle: those that one visit brought, or one alone. It is
written whole under the bundle's name, so writing it twice is writing the same. The ledger says in which bundle a
file's rows of a day are; rows of files that it does not say so of count for nothing. A store-day is the rows of its
accepted files, in order of name and digest, whatever order they came in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from storeday.config.places import Places
from storeday.feeds.base import ReadTogether
from storeday.feeds.owners import owner_rows
from storeday.model.storage import exists, read_all, write_all
from storeday.model.sums import Ints
from storeday.model.tables import CODE, FILE, RECEIPT_ROW, SCHEMAS, Tables

_OWNED = ("lines", "tenders")
_SAID_BY_OWNER = ("receipt", "description")
"""Columns of lines and tenders that stay in the pieces: their receipt says the first, no check asks the other."""


class Kept(NamedTuple):
    """Where the rows are that a file has of a trading day."""

    sha256: str
    bundle: str
    tables: tuple[str, ...]  # those that have rows


@dataclass(frozen=True)
class DayOfFiles:
    """What the files of a bundle hold of one trading day."""

    trading_day: date
    tables: Tables
    file: Mapping[str, Ints]  # by table: the number of the file that each row came in


def bundle_of(digests: Sequence[str]) -> str:
    """The name of the bundle of these files: of one file its digest."""
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def split_by_day(read: ReadTogether) -> list[DayOfFiles]:
    """Files by trading day, oldest first."""
    files = {name: np.repeat(np.arange(len(rows)), rows) for name, rows in read.rows.items()}
    days = sorted({day for _, table in read.tables.items() for day in table.column("trading_day").unique().to_pylist()})
    if len(days) == 1:
        return [DayOfFiles(days[0], read.tables, files)]
    return [_of_day(day, read.tables, files) for day in days]


def write_pieces(
    places: Places, store: str, digests: Sequence[str], days: Sequence[DayOfFiles], *, anew: bool = True
) -> None:
    """Keep the pieces of files with these digests: a Parquet file a table and day, empty tables left out.

    Not ``anew``: only those that are not there.
    """
    bundle = bundle_of(digests)
    pieces: dict[str, bytes] = {}
    for day in days:
        for name, table in day.tables.items():
            place = places.canonical(store, day.trading_day, name, bundle)
            if table.num_rows and (anew or not exists(place)):
                pieces[place] = _piece(name, table, day, digests)
    write_all(pieces)


def read_store_day(places: Places, store: str, day: date, files: Sequence[Kept]) -> Tables:
    """A store-day's tables from its pieces, with ``file`` on every row and ``receipt_row`` on lines and tenders.

    Lines and tenders come without receipt number and description: ``receipt_row`` leads to the former.

    ``files`` are in the order that their rows are to have.
    """
    tables: dict[str, pa.Table] = {}
    receipts_before = np.zeros(len(files), dtype=np.int64)
    place_of = {name: _places_of(places, store, day, name, files) for name in SCHEMAS}
    read = read_all(place for of_table in place_of.values() for place in of_table.values())
    for name in SCHEMAS:
        found = {bundle: _read(read[place], name) for bundle, place in place_of[name].items()}
        table, file = _in_order(name, *_numbered(found, files))
        if name == "receipts":
            receipts_before[1:] = np.cumsum(np.bincount(file, minlength=len(files)))[: len(files) - 1]
        if name in _OWNED:
            row = table.column(RECEIPT_ROW.name).to_numpy() + receipts_before[file]
            table = table.set_column(table.schema.get_field_index(RECEIPT_ROW.name), RECEIPT_ROW, _of(RECEIPT_ROW, row))
        tables[name] = table.append_column(FILE, _coded(file, [kept.sha256 for kept in files]))
    return Tables(**tables)


def _of_day(day: date, tables: Tables, files: Mapping[str, Ints]) -> DayOfFiles:
    chosen = {name: pc.equal(table.column("trading_day"), pa.scalar(day)) for name, table in tables.items()}
    return DayOfFiles(
        day,
        Tables(**{name: _with_used_codes(table.filter(chosen[name])) for name, table in tables.items()}),
        {name: file[chosen[name].to_numpy()] for name, file in files.items()},
    )


def _piece(name: str, table: pa.Table, day: DayOfFiles, digests: Sequence[str]) -> bytes:
    """One table of a day as Parquet, with the file of each row; of lines and tenders the receipt's row in its file."""
    file = day.file[name]
    if name in _OWNED:
        receipts, of_receipts = day.tables.receipts, day.file["receipts"]
        lines = table.column("file_line").to_numpy()
        rows = owner_rows(
            receipts, "receipt", table.column("till"), table.column("receipt"), lines, (of_receipts, file)
        )
        first = np.searchsorted(of_receipts, np.arange(len(digests)))
        table = table.append_column(RECEIPT_ROW, _of(RECEIPT_ROW, rows - first[file]))
    table = table.append_column(FILE, _coded(file, digests))
    sink = pa.BufferOutputStream()
    coded = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    pq.write_table(table, sink, compression="zstd", use_dictionary=coded)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _places_of(places: Places, store: str, day: date, name: str, files: Sequence[Kept]) -> dict[str, str]:
    """By bundle the place of the piece of a table that has rows of some files."""
    bundles = dict.fromkeys(kept.bundle for kept in files if name in kept.tables)
    return {bundle: places.canonical(store, day, name, bundle) for bundle in bundles}


def _numbered(found: Mapping[str, tuple[pa.Table, Any]], files: Sequence[Kept]) -> tuple[list[pa.Table], list[Ints]]:
    """Pieces by bundle as tables, and the number of the file that each row is of; -1 of one that is not asked for."""
    tables, numbers = [], []
    for bundle, (table, said) in found.items():
        number = {kept.sha256: place for place, kept in enumerate(files) if kept.bundle == bundle}
        tables.append(table)
        if said is None:  # written before files were read together: a piece was of one file, and had its name
            numbers.append(np.full(table.num_rows, number[bundle], dtype=np.int64))
        else:
            known = np.array([number.get(digest, -1) for digest in said.dictionary.to_pylist()], dtype=np.int64)
            numbers.append(known[said.indices.to_numpy()])
    return tables, numbers


def _in_order(name: str, tables: list[pa.Table], numbers: list[Ints]) -> tuple[pa.Table, Ints]:
    """Pieces as one table, in the order of its files, without the rows of those that are not asked for."""
    if not tables:
        return _schema(name).empty_table(), np.zeros(0, dtype=np.int64)
    table = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    file: Ints = np.concatenate(numbers)
    if not (file < 0).any() and not (np.diff(file) < 0).any():
        return table, file
    rows = np.flatnonzero(file >= 0)
    rows = rows[np.argsort(file[rows], kind="stable")]
    return _with_used_codes(table.take(pa.array(rows))), file[rows]


def _read(content: bytes, name: str) -> tuple[pa.Table, Any]:
    """A piece, and the digest of each row's file where it says so."""
    wanted = _schema(name)
    file = pq.ParquetFile(pa.BufferReader(content))
    says_file = FILE.name in file.schema_arrow.names
    found = file.read([*wanted.names, *([FILE.name] if says_file else [])], use_threads=False)
    said = found.column(FILE.name).unify_dictionaries().combine_chunks() if says_file else None
    return found.select(wanted.names).cast(wanted), said


def _with_used_codes(table: pa.Table) -> pa.Table:
    """Some rows of a table, their codes without those of its other rows."""
    columns = [
        pc.dictionary_encode(column.cast(pa.string())).cast(CODE) if field.type == CODE else column
        for field, column in zip(table.schema, table.columns, strict=True)
    ]
    return pa.table(columns, schema=table.schema).combine_chunks()


def _coded(places: Any, names: Sequence[str]) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(names, pa.string()))


def _of(field: Any, values: Any) -> Any:
    return pa.array(values, field.type)


def _schema(name: str) -> Any:
    """The schema of a piece as a store-day takes it, without the file."""
    if name not in _OWNED:
        return SCHEMAS[name]
    return pa.schema([field for field in SCHEMAS[name] if field.name not in _SAID_BY_OWNER]).append(RECEIPT_ROW)
