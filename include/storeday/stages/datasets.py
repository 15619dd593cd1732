"""Datasets as lineage names them: the real places, their columns, what is known of them, and where they come from.

A folder of this machine is named by its path in the namespace ``file``; one on an object store by its bucket. Rows of
the ledger are named by its database, their table, and the store-day that they are of. Source: docs/lineage.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import pyarrow as pa
from sqlalchemy import URL

from storeday.checks.suites import Asserted
from storeday.config.settings import Store
from storeday.config.source import FolderSource
from storeday.ledger.schema import Base, StockBookRow, WantedRow
from storeday.model.derivation import Derivation
from storeday.model.storage import is_local
from storeday.model.tables import RECEIPT_LOG, SCHEMAS

Columns = tuple[tuple[str, str], ...]
"""The names and types of a dataset's columns."""


class Name(NamedTuple):
    """What a dataset is called."""

    namespace: str
    name: str


@dataclass(frozen=True)
class Origin:
    """That a dataset's columns derive from those of these datasets."""

    derivation: Derivation
    inputs: tuple[Name, ...]


@dataclass(frozen=True)
class Measured:
    """What is known of a dataset; None where it is not. Sums are minor units, by the column."""

    rows: int | None = None
    size: int | None = None  # bytes
    files: int | None = None
    sums_minor: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """An expectation that was held against a dataset; ``found`` says what was wrong, in words."""

    asserted: Asserted
    holds: bool
    found: str = ""


@dataclass(frozen=True)
class Dataset:
    """One dataset that a stage reads or makes."""

    named: Name
    columns: Columns = ()
    measured: Measured | None = None
    origin: Origin | None = None
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class Passage:
    """What one run of a stage read and made."""

    inputs: tuple[Dataset, ...]
    outputs: tuple[Dataset, ...]


def place_name(url: str) -> Name:
    """A folder or file, by its path or fsspec URL.

    >>> place_name("/var/lib/storeday/landing/S01"), place_name("s3://takings/landing/S01")[1]
    (Name(namespace='file', name='/var/lib/storeday/landing/S01'), 'landing/S01')
    """
    if is_local(url):
        return Name("file", url.removeprefix("file://"))
    scheme, _, rest = url.partition("://")
    bucket, _, path = rest.partition("/")
    return Name(f"{scheme}://{bucket}", path)


def ledger_name(ledger: URL, table: str, store: str, day: date) -> Name:
    """The rows of a table of the ledger that are of one store-day. No login is part of a name."""
    of_day = f"{table}/{store}/{day.isoformat()}"
    if ledger.get_backend_name() == "sqlite":
        return Name("file", f"{ledger.database}/{of_day}")
    host = f"{ledger.host}:{ledger.port or 5432}"
    return Name(f"postgres://{host}", f"{ledger.database}.public.{of_day}")


def tills_name(store: Store) -> Name:
    """Where a store's tills send their files; an SFTP server goes by its connection, which knows its host."""
    source = store.source
    if isinstance(source, FolderSource):
        return place_name(source.path)
    return Name(f"sftp://{source.connection}", source.folder)


def _columns_of(schema: pa.Schema, table: str = "") -> Columns:
    return tuple((f"{table}.{field.name}" if table else field.name, str(field.type)) for field in schema)


def _columns_of_rows(row: type[Base]) -> Columns:
    table: Any = row.__table__
    return tuple((column.name, str(column.type)) for column in table.columns if column.name != "id")


CANONICAL: Final = tuple(column for table, schema in SCHEMAS.items() for column in _columns_of(schema, table))
"""The columns of a store-day's canonical tables, by table."""
RECEIPTS_LOGGED: Final = _columns_of(RECEIPT_LOG)
WANTED: Final = _columns_of_rows(WantedRow)
BOOK: Final = _columns_of_rows(StockBookRow)


def text_columns(names: tuple[str, ...] | list[str]) -> Columns:
    """The columns of a CSV file."""
    return tuple((name, "text") for name in names)
