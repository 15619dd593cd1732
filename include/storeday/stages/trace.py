"""Trace: from a Sage reference, a batch, a receipt or a file to all the others, down to file and line.

What is found is a tree of ``Found``: what was asked for at the root, what it came from and where it went below it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from storeday.ledger.facts import BatchDayFact, BatchFact, FileFact
from storeday.model.money import money, plain
from storeday.model.storage import MANIFEST, exists, join, read_bytes
from storeday.sage50.rows import Row
from storeday.sage50.transaction_files import transaction_files
from storeday.sage50.uk_file import rows_in
from storeday.stages.receipt_log import read_receipt_log
from storeday.stages.workplace import Workplace

REFERENCE = re.compile(r"(?P<store>[A-Z0-9]{1,8})-(?P<day>\d{6})(-(?P<revision>[1-9]\d*))?(-T)?")
RECEIPT = re.compile(r"(?P<till>[A-Za-z0-9_-]{1,12})/(?P<receipt>\d{1,18})")
_BATCH = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Found:
    """One thing that a trace came to: its kind, the words for it, its facts for programs, and what hangs on it."""

    kind: str  # batch, store-day, row, receipt, file
    words: str
    facts: dict[str, object]
    below: tuple[Found, ...] = field(default_factory=tuple)

    def as_json(self) -> dict[str, object]:
        """The tree for programs; amounts as text, days as dates."""
        said: dict[str, object] = {"kind": self.kind, **self.facts}
        return {**said, "found": [found.as_json() for found in self.below]} if self.below else said


def trace(work: Workplace, what: str, store: str | None = None, day: date | None = None) -> list[Found]:
    """Everything that ``what`` names: a Sage reference (S01-261122-2), a batch, a receipt (till/number), or a file by
    its name or the first 8 digits of its SHA-256. ``store`` and ``day`` narrow it down.

    Raises: LookupError saying what can be asked for, where nothing is found; LogChanged.
    """
    if match := REFERENCE.fullmatch(what):
        found = list(_by_reference(work, match))
    elif match := RECEIPT.fullmatch(what):
        found = list(_by_receipt(work, match["till"], match["receipt"], store, day))
    else:
        batch = work.ledger.batch(what) if _BATCH.fullmatch(what) else None
        found = [_batch(work, batch)] if batch else [_file(work, f) for f in work.ledger.files_like(what, store)]
    if not found:
        raise LookupError(
            f"nothing is known of {what!r}: ask for a Sage reference (S01-261122), a batch (12 digits and letters), "
            "a receipt (till/number, say 01/000417), or a file (its name or the first 8 digits of its SHA-256)"
        )
    return found


def _by_reference(work: Workplace, match: re.Match[str]) -> Iterator[Found]:
    day = datetime.strptime(match["day"], "%y%m%d").date()
    revision = int(match["revision"] or 1)
    for each in work.ledger.batch_days(match["store"], day):
        if each.revision == revision:
            yield _store_day(work, each, with_receipts=True)


def _by_receipt(work: Workplace, till: str, number: str, store: str | None, day: date | None) -> Iterator[Found]:
    """Every receipt of this number: a till's numbers come round, so there may be one a store and day."""
    for fact in work.ledger.store_days(day, day):
        if fact.receipt_log and store in {None, fact.store}:
            log = read_receipt_log(work.places, fact.store, fact.trading_day, fact.receipt_log)
            for receipt in _of_receipt(log, till, number).to_pylist():
                yield _receipt(work, fact.store, fact.trading_day, receipt)


def _batch(work: Workplace, batch: BatchFact) -> Found:
    day = batch.trading_day
    below = [
        _store_day(work, each, with_receipts=False)
        for store, trading_day, _ in batch.store_days
        for each in work.ledger.batch_days(store, trading_day)
        if each.batch == batch.id
    ]
    words = f"batch {batch.id} {batch.state}, {batch.company}, {day:%d %b %Y}, {batch.rows:,} rows, sales "
    facts: dict[str, object] = {
        "batch": batch.id,
        "state": batch.state,
        "company": batch.company,
        "trading_day": day.isoformat(),
        "sales": plain(batch.gross_minor),
        "sha256_of_manifest": batch.digest,
    }
    return Found("batch", words + money(batch.gross_minor), facts, tuple(below))


def _store_day(work: Workplace, each: BatchDayFact, *, with_receipts: bool) -> Found:
    """A store-day in a batch: its rows for Sage, its files, and the receipts that this batch was the first to hold."""
    rows = _rows(work, each)
    receipts = _new_receipts(work, each)
    files = work.ledger.files_of(each.store, each.trading_day)
    below = [_row(*row) for row in rows]
    below += [_file_words(file) for file in files]
    if with_receipts:
        zone = ZoneInfo(work.settings.store(each.store).timezone)
        names = {file.sha256: file.name for file in files}
        below += [_receipt_words(receipt, zone, names) for receipt in receipts.to_pylist()]
    again = f", correction {each.revision - 1}" if each.revision > 1 else ""
    gross = pc.sum(receipts.column("gross_minor")).as_py() or 0
    words = (
        f"{each.store} {each.trading_day:%d %b %Y}{again} in batch {each.batch} ({each.batch_state}): "
        f"{len(rows):,} rows; {receipts.num_rows:,} receipts new in it, {money(gross)}"
    )
    facts: dict[str, object] = {
        "store": each.store,
        "trading_day": each.trading_day.isoformat(),
        "revision": each.revision,
        "batch": each.batch,
        "batch_state": each.batch_state,
        "receipt_log": each.receipt_log,
        "new_receipts": receipts.num_rows,
        "new_gross": plain(gross),
    }
    return Found("store-day", words, facts, tuple(below))


def _new_receipts(work: Workplace, each: BatchDayFact) -> pa.Table:
    """The receipts of a batch's store-day that the batch before it did not hold as they are."""
    log = read_receipt_log(work.places, each.store, each.trading_day, each.receipt_log)
    before = [
        b
        for b in work.ledger.batch_days(each.store, each.trading_day)
        if b.revision == each.revision - 1 and b.environment in {each.environment, ""}
    ]
    if not before:
        return log
    known = read_receipt_log(work.places, each.store, each.trading_day, before[0].receipt_log)
    return log.filter(pc.invert(pc.is_in(log.column("checksum"), known.column("checksum").combine_chunks())))


def _receipt(work: Workplace, store: str, day: date, receipt: dict[str, Any]) -> Found:
    """A receipt with its file and, in order, the batches that hold it."""
    zone = ZoneInfo(work.settings.store(store).timezone)
    files = work.ledger.files_of(store, day)
    names = {file.sha256: file.name for file in files}
    found = _receipt_words(receipt, zone, names)
    holding = [
        each
        for each in work.ledger.batch_days(store, day)
        if receipt["checksum"] in _new_receipts(work, each).column("checksum").to_pylist()
    ]
    below = [
        *(_file_words(file) for file in files if file.sha256 == receipt["file"]),
        *(_store_day(work, each, with_receipts=False) for each in holding[:1]),
    ]
    where = f"{store} {day:%d %b %Y} "
    return Found("receipt", where + found.words, {"store": store, **found.facts}, tuple(below))


def _file(work: Workplace, file: FileFact) -> Found:
    below = [
        _store_day(work, each, with_receipts=False)
        for held in file.days
        for each in work.ledger.batch_days(file.store, held.trading_day)
        if file.sha256 in _new_receipts(work, each).column("file").to_pylist()
    ]
    named = _file_words(file)
    return Found("file", f"{file.store} {named.words}", {"store": file.store, **named.facts}, tuple(below))


def _file_words(file: FileFact) -> Found:
    why = f" ({file.why})" if file.why else ""
    words = (
        f"file {file.name} {file.fate}{why}: {file.receipts:,} receipts, {money(file.gross_minor)}, "
        f"SHA-256 {file.sha256[:12]}…"
    )
    facts: dict[str, object] = {
        "name": file.name,
        "sha256": file.sha256,
        "fate": str(file.fate),
        "why": file.why,
        "receipts": file.receipts,
        "gross": plain(file.gross_minor),
    }
    return Found("file", words, facts)


def _rows(work: Workplace, each: BatchDayFact) -> list[tuple[str, int, Row]]:
    """A store-day's rows in its batch, with file and line, from the files as they were handed over."""
    batch = work.ledger.batch(each.batch)
    if batch is None:
        return []
    places = (work.places.delivered, work.places.draft)
    folders = [place(batch.company, batch.trading_day, batch.id) for place in places]
    folder = next((f for f in folders if exists(join(f, MANIFEST))), None)
    if folder is None:
        return []
    manifest = json.loads(read_bytes(join(folder, MANIFEST)))
    mine = next(day["reference"] for day in manifest["store_days"] if day["store"] == each.store)
    return [
        (name, line, row)
        for name in transaction_files(manifest)
        for line, row in rows_in(read_bytes(join(folder, name)))
        if row.reference.removesuffix("-T") == mine
    ]


def _row(file: str, line: int, row: Row) -> Found:
    words = (
        f"{file} line {line} {row.type} {row.account or '-'} {row.nominal} {row.tax_code} net {money(row.net_minor)} "
        f"tax {money(row.tax_minor)} {row.reference}: {row.details}"
    )
    facts: dict[str, object] = {
        "file": file,
        "line": line,
        **{name: getattr(row, name) for name in ("type", "account", "nominal", "tax_code", "reference", "details")},
        "net": plain(row.net_minor),
        "tax": plain(row.tax_minor),
    }
    return Found("row", words, facts)


def _receipt_words(receipt: dict[str, Any], zone: ZoneInfo, names: dict[str, str]) -> Found:
    at: datetime = receipt["at"].astimezone(zone)
    name = names.get(receipt["file"], receipt["file"][:12])
    words = (
        f"receipt till {receipt['till']} {receipt['receipt']} at {at:%H:%M} {receipt['kind']} "
        f"{money(receipt['gross_minor'])}  {name} line {receipt['file_line']}"
    )
    facts: dict[str, object] = {
        "till": receipt["till"],
        "receipt": receipt["receipt"],
        "at": at.isoformat(),
        "kind_of_receipt": receipt["kind"],
        "gross": plain(receipt["gross_minor"]),
        "tax": plain(receipt["tax_minor"]),
        "checksum": f"{receipt['checksum']:016x}",
        "file": name,
        "sha256": receipt["file"],
        "line": receipt["file_line"],
    }
    return Found("receipt", words, facts)


def _of_receipt(log: pa.Table, till: str, number: str) -> pa.Table:
    return log.filter(pc.and_(pc.equal(log.column("till"), till), pc.equal(log.column("receipt"), number)))
