"""What goes into the ledger and comes out of it, as plain frozen facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from storeday.model.postings import Lines
from storeday.model.records import RecordKey
from storeday.model.stock import Mismatch
from storeday.model.store_day import Hold, State


class Fate(StrEnum):
    """What became of a file."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"  # can't be read or isn't what it says; bytes kept
    DUPLICATE = "duplicate"  # the same bytes under another name
    SUPERSEDED = "superseded"  # a corrected file of its name came while it held its store-day


class BatchKind(StrEnum):
    """What a batch brings into Sage."""

    TAKINGS = "takings"
    STOCK = "stock"


@dataclass(frozen=True)
class TillDay:
    """The first and last running numbers of a till in one file and trading day, in the order of time."""

    till: str
    first_receipt: str | None
    last_receipt: str | None
    last_z: str | None
    last_at: datetime


@dataclass(frozen=True)
class FileDay:
    """What a file holds of one trading day."""

    trading_day: date
    receipts: int
    gross_minor: int
    tables: tuple[str, ...]  # the canonical tables that have rows
    tills: tuple[TillDay, ...] = ()
    bundle: str = ""  # the name of the pieces that its rows are in (feeds/pieces.py)


@dataclass(frozen=True)
class FileFact:
    """One file of a store and its fate."""

    store: str
    name: str
    sha256: str
    size: int
    fate: Fate
    why: str = ""
    stamp: str = ""
    records: int = 0
    receipts: int = 0
    gross_minor: int = 0
    day_hint: date | None = None
    days: tuple[FileDay, ...] = ()


@dataclass(frozen=True)
class StoreDayFact:
    """One store-day as the ledger has it."""

    store: str
    trading_day: date
    company: str
    state: State
    basis: str
    receipts: int
    gross_minor: int
    tax_minor: int
    summary: dict[str, object] = field(default_factory=dict)
    receipt_log: str = ""  # digest of the log of the receipts it posts; empty until it is ready


@dataclass(frozen=True)
class VerdictFact:
    """What the checks and the posting found of a store-day, to be written down."""

    fact: StoreDayFact
    holds: tuple[Hold, ...]
    wanted: Lines  # of a store-day that is ready
    why: str


@dataclass(frozen=True)
class BatchFact:
    """One batch: a draft, or delivered."""

    id: str
    company: str
    trading_day: date
    state: str
    digest: str
    rows: int
    gross_minor: int
    store_days: tuple[tuple[str, date, int], ...] = ()  # store, day, revision
    kind: BatchKind = BatchKind.TAKINGS
    records: tuple[RecordKey, ...] = ()  # customers and products that it brings to Sage
    environment: str = ""  # of its company when it was staged; empty before companies said one


@dataclass(frozen=True)
class StockDayFact:
    """What the stock of one store-day was read from."""

    store: str
    trading_day: date
    company: str
    checked_basis: str
    settings: str
    alerts: tuple[Mismatch, ...] = ()


@dataclass(frozen=True)
class BatchDayFact:
    """One store-day in one batch."""

    batch: str
    batch_state: str
    store: str
    trading_day: date
    revision: int
    receipt_log: str
    environment: str = ""
