"""What becomes of a mutant when it is read: rejected in words, or taken in with the receipts that it says."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import date

import oracle
from cases import Case, Parts
from mutants import Mutant
from storeday.feeds.base import ReadFile
from storeday.feeds.golden import golden_text
from storeday.model.errors import FileRejected

SECONDS = 5.0
"""What no mutant of some kilobytes may take of the processor."""

CRUDE = re.compile(r"Traceback|Error\b|Exception|0x[0-9a-f]{6}|<[a-z_.]+ object|pyarrow|numpy|lxml|\bNone\b")
"""What words for a shop manager never hold."""


@dataclass(frozen=True)
class Fault:
    """Why a mutant did not end as it must."""

    why: str


@dataclass(frozen=True)
class Read:
    """A mutant that was read: why it was rejected, or its tables and what they say."""

    rejected: str = ""
    tables: bytes = b""  # all that goes on from here, as text and without the lines of the file
    sold: frozenset[tuple[str, date, int]] = frozenset()


def read_mutant(spoilt: Mutant) -> Read | Fault:
    """Read a mutant and hold what comes of it to a plain reading of its bytes."""
    began = time.process_time()
    try:
        read = _read(spoilt.case, spoilt.parts)
    except Exception as error:
        return Fault(f"a traceback: {type(error).__name__}: {error}")
    if (took := time.process_time() - began) > SECONDS:
        return Fault(f"it took {took:.1f} s")
    if read.rejected:
        return Fault(f"crude words: {read.rejected}") if _is_crude(spoilt, read.rejected) else read
    try:
        said = oracle.receipts_of(spoilt.case.feed, spoilt.parts, spoilt.case.store.timezone)
    except oracle.Mixed:
        return read
    except oracle.Unreadable as unreadable:
        return Fault(f"taken in, and it can't be read in one way: {unreadable}")
    if said != read.sold:
        return Fault(f"taken in as {_gap(read.sold, said)}, and it says {_gap(frozenset(said), read.sold)}")
    return read


def sold_of(case: Case, read: ReadFile) -> frozenset[tuple[str, date, int]]:
    """The receipts with money that the product read, as the oracle tells its own."""
    has_till = case.feed.startswith(("poslog", "storeday"))
    return frozenset(
        (f"{row['till']}/{row['receipt']}" if has_till else row["receipt"], row["trading_day"], row["gross_minor"])
        for row in read.tables.receipts.to_pylist()
        if row["gross_minor"]
    )


def _read(case: Case, parts: Parts) -> Read:
    try:
        read = case.read(parts)
    except FileRejected as rejected:
        return Read(rejected=str(rejected))
    tables = re.sub(rb', "file_line": [0-9]+', b"", golden_text(read))
    return Read(tables=tables, sold=sold_of(case, read))


def _is_crude(spoilt: Mutant, words: str) -> bool:
    """Whether a message is not for people: it names no file, or holds what only a programmer reads."""
    names = any(name in words for name in spoilt.parts)
    return not names or "\n" in words or len(words) > 600 or bool(CRUDE.search(words))


def _gap(ours: frozenset[tuple[str, date, int]], theirs: object) -> str:
    assert isinstance(theirs, (set, frozenset))
    return str(sorted(ours - theirs)[:3])
