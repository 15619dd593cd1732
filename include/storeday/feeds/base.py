"""What a feed is: bytes of one file of a store in, canonical tables out.

A feed declares its name, how it knows its own files and what it can promise. Feeds know nothing of SFTP,
the ledger or Sage. Shape after beangulp's importers: identify, read; errors carry file and line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import IO, Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa

from storeday.model.content import Content
from storeday.model.guarantees import Guarantees
from storeday.model.sums import Ints
from storeday.model.tables import Tables


@dataclass(frozen=True)
class ReadingRules:
    """What a feed must know of the store whose file it reads; taken from the store's settings."""

    store: str
    timezone: str  # IANA name
    day_starts_minutes: int  # a trading day starts so many minutes after local midnight
    slice_minutes: int = 60  # how long a slice of the day one file holds
    clock_tolerance_minutes: int = 5  # how far a till's clock may be off
    pos_store_id: str | None = None  # the store's own number in the POS files, where it differs from the code
    settings: Any = None  # the feed's own settings, of the type that it declares


@dataclass(frozen=True)
class ReadFile:
    """One file, read: its canonical tables (all trading days together) and the totals a person checks by."""

    tables: Tables
    records: int  # data rows, or transactions in XML
    receipts: int  # receipts of any kind
    gross_minor: int  # signed sum over sales and refunds
    notes: tuple[str, ...] = ()  # what the bookkeeper should know: shown on the sheet
    form: tuple[str, ...] = ()  # what was detected of the file's form and not told by settings

    @property
    def no_money_receipts(self) -> int:
        """Receipts that only count in the sequence: voids, training, no-sales, control records."""
        kinds = self.tables.receipts.column("kind").to_pylist()
        return sum(kind not in ("sale", "refund") for kind in kinds)


@dataclass(frozen=True)
class ReadTogether:
    """Several files of one store, read: their rows as one set of tables, those of each together, in their order."""

    tables: Tables
    rows: Mapping[str, Ints]  # by table: how many rows each file has
    records: tuple[int, ...]  # of each file, as in ReadFile

    @staticmethod
    def of(reads: Sequence[ReadFile]) -> ReadTogether:
        """Files that were read one by one, as one."""
        tables = [dict(read.tables.items()) for read in reads]
        return ReadTogether(
            tables=Tables(**{name: _as_one([each[name] for each in tables]) for name in tables[0]}),
            rows={name: np.array([each[name].num_rows for each in tables], dtype=np.int64) for name in tables[0]},
            records=tuple(read.records for read in reads),
        )

    @property
    def receipts(self) -> tuple[int, ...]:
        """Receipts of any kind, of each file."""
        return tuple(self.rows["receipts"].tolist())

    @property
    def gross_minor(self) -> tuple[int, ...]:
        """The signed sum over sales and refunds, of each file."""
        running = np.concatenate(([0], np.cumsum(self.tables.receipts.column("gross_minor").to_numpy())))
        return tuple(np.diff(running[np.concatenate(([0], np.cumsum(self.rows["receipts"])))]).tolist())

    def each(self) -> list[ReadFile]:
        """The files one by one."""
        ends = {name: np.concatenate(([0], np.cumsum(rows))).tolist() for name, rows in self.rows.items()}
        parted = {name: [table.slice(a, b - a) for a, b in pairwise(ends[name])] for name, table in self.tables.items()}
        totals = zip(self.records, self.receipts, self.gross_minor, strict=True)
        return [
            ReadFile(Tables(**{name: parts[place] for name, parts in parted.items()}), *said)
            for place, said in enumerate(totals)
        ]


def _as_one(tables: list[pa.Table]) -> pa.Table:
    return tables[0] if len(tables) == 1 else pa.concat_tables(tables).unify_dictionaries().combine_chunks()


@dataclass(frozen=True)
class Marker:
    """What the file beside a file says of it: proof that the upload ended, and totals to hold it to."""

    file: str
    sha256: str | None
    records: int | None
    receipts: int | None
    gross_minor: int | None


class Feed(Protocol):
    """One POS format."""

    name: str
    guarantees: Guarantees

    def is_mine(self, name: str) -> bool:
        """Whether a remote file of this name is a data file of the feed (markers are not)."""
        ...

    def marker_of(self, name: str) -> str | None:
        """The name of the marker that says the file is complete; None where the feed has none."""
        ...

    def day_hint(self, name: str, content: bytes, rules: ReadingRules) -> date | None:
        """The trading day that a file seems to be of, to know which store-day it holds when it is rejected.

        ``content`` is how the file begins, at least 64 KB of it. None where nothing says the day.
        """
        ...

    def read_marker(self, name: str, content: bytes) -> Marker:
        """Parse a marker. Raises FileRejected naming what is wrong with it."""
        ...

    def read(self, name: str, content: bytes, rules: ReadingRules) -> ReadFile:
        """Parse a whole file. Raises FileRejected with file, line and receipt; never anything half."""
        ...


@runtime_checkable
class StreamedFeed(Protocol):
    """A feed that needs no more than a part of a file in memory."""

    def read_stream(self, name: str, stream: IO[bytes], rules: ReadingRules) -> ReadFile:
        """Parse a whole file from its first byte on. Raises FileRejected."""
        ...


@runtime_checkable
class FeedOfMany(Protocol):
    """A feed that reads several small files at once in less time than one by one."""

    def read_many(self, files: Mapping[str, bytes], rules: ReadingRules) -> ReadTogether:
        """Parse whole files by name: exactly what each by itself is read as.

        Raises: FileRejected where one of them is refused, and where they can't be read in one go. What of it is so,
        and why, only reading each by itself tells.
        """
        ...


@runtime_checkable
class JoinedFeed(Protocol):
    """A feed whose slice of the day comes as several files, which only together can be read."""

    def companions_of(self, name: str) -> tuple[str, ...]:
        """The names of the files that belong to the data file ``name`` and must be there before it is read."""
        ...

    def read_together(self, parts: Mapping[str, bytes], rules: ReadingRules) -> ReadFile:
        """Parse a slice from its files by name, the data file first. Raises FileRejected naming the file."""
        ...


def companions_of(feed: Feed, name: str) -> tuple[str, ...]:
    """The other files of the slice that ``name`` stands for; none where a feed's files stand alone."""
    return feed.companions_of(name) if isinstance(feed, JoinedFeed) else ()


def kept_days(feed: Feed) -> int | None:
    """For how many days the format's own server keeps a day's files; None where it says nothing."""
    days: int | None = getattr(feed, "kept_days", None)
    return days


def read_slice(feed: Feed, parts: Mapping[str, Content], rules: ReadingRules) -> ReadFile:
    """Read a slice from its files by name, the data file first. Raises FileRejected."""
    if isinstance(feed, JoinedFeed):
        return feed.read_together({name: content.whole() for name, content in parts.items()}, rules)
    ((name, content),) = parts.items()
    if isinstance(feed, StreamedFeed):
        return feed.read_stream(name, content.opened(), rules)
    return feed.read(name, content.whole(), rules)
