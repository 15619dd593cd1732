"""Collect: fetch a store's complete files, keep their bytes, read them, write down what became of each."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.settings import Store
from storeday.feeds.base import Feed, Marker, ReadFile, ReadingRules
from storeday.feeds.pieces import Piece, split_by_day, write_piece
from storeday.ledger.facts import Fate, FileDay, FileFact, TillDay
from storeday.model.errors import FileRejected
from storeday.model.money import money, plain
from storeday.model.storage import exists, write_whole
from storeday.sources.base import OpenSource, RemoteFile
from storeday.sources.registry import source_of
from storeday.stages.workplace import Workplace, feed_and_rules, rules_digest

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Collected:
    """What one visit to a store's source brought."""

    store: str
    accepted: tuple[FileFact, ...] = ()
    rejected: tuple[FileFact, ...] = ()
    duplicates: int = 0
    seen_before: int = 0
    waiting: tuple[str, ...] = ()  # without their marker for longer than the store's grace
    uploading: int = 0  # without their marker, still within it

    @property
    def gross_minor(self) -> int:
        """Takings in the accepted files."""
        return sum(fact.gross_minor for fact in self.accepted)

    def facts(self) -> dict[str, object]:
        """For the asset event: money as text."""
        return {
            "store": self.store,
            "files": len(self.accepted),
            "rejected": len(self.rejected),
            "duplicates": self.duplicates,
            "takings": plain(self.gross_minor),
            "sha256": [fact.sha256 for fact in self.accepted[:100]],
        }

    def __str__(self) -> str:
        parts = [f"{self.store}: {len(self.accepted)} new files with takings of {money(self.gross_minor)}"]
        parts += [f"{len(self.rejected)} rejected"] if self.rejected else []
        parts += [f"{self.duplicates} duplicates"] if self.duplicates else []
        parts += [f"{self.seen_before} seen before"] if self.seen_before else []
        parts += [f"{self.uploading} still uploading"] if self.uploading else []
        parts += (
            [f"{len(self.waiting)} without a marker for too long: {', '.join(self.waiting[:3])}"]
            if self.waiting
            else []
        )
        return ", ".join(parts)


def collect(work: Workplace, store_code: str) -> Collected:
    """Fetch, land and read what is new of one store; one process at a time does, the next finds it done.

    Raises: SourceUnreachable (try again), SourceRefused (do not); LookupError for an unknown store.
    A file that can't be taken in is rejected by itself, with its reason in the ledger; the others go on.
    """
    work.settings.store(store_code)
    with work.ledger.exclusively(f"collect {store_code}"):
        return _collect(work, store_code)


def _collect(work: Workplace, store_code: str) -> Collected:
    company, store = work.settings.company_of(store_code)
    feed, rules = feed_and_rules(store)
    known, reading = work.ledger.stamps(store.code), rules_digest(store)
    facts: list[FileFact] = []
    seen, uploading, waiting = 0, 0, []
    with source_of(store).open() as source:
        listing = {file.name: file for file in source.listing() if file.has_safe_name}
        for name in sorted(name for name in listing if feed.is_mine(name)):
            marker_name = feed.marker_of(name)
            marker = listing.get(marker_name) if marker_name else None
            if marker_name and marker is None:
                is_late = time.time() - listing[name].modified > store.upload_grace_minutes * 60
                waiting += [name] if is_late else []
                uploading += not is_late
                continue
            stamp = _stamp(listing[name], marker, reading)
            if known.get(name) == stamp:
                seen += 1
                continue
            try:
                fact = _take_in(work, store, feed, rules, source, name, marker_name, stamp)
            except FileNotFoundError:  # taken away since the listing: the next visit will tell
                uploading += 1
                continue
            work.ledger.record_file(fact, company.company.code, work.by)
            facts.append(fact)
    for fact in facts:
        if fact.fate is Fate.REJECTED:
            log.warning("%s rejected: %s", store.code, fact.why)
    return Collected(
        store=store.code,
        accepted=tuple(f for f in facts if f.fate is Fate.ACCEPTED),
        rejected=tuple(f for f in facts if f.fate is Fate.REJECTED),
        duplicates=sum(f.fate is Fate.DUPLICATE for f in facts),
        seen_before=seen,
        waiting=tuple(waiting),
        uploading=uploading,
    )


def _take_in(
    work: Workplace,
    store: Store,
    feed: Feed,
    rules: ReadingRules,
    source: OpenSource,
    name: str,
    marker_name: str | None,
    stamp: str,
) -> FileFact:
    """One complete file: fetched, landed under its digest, read, its pieces kept."""
    marker_bytes = source.read(marker_name) if marker_name else None
    content = source.read(name)
    sha256 = hashlib.sha256(content).hexdigest()
    landed = work.places.landed(store.code, sha256)
    if not exists(landed):
        write_whole(landed, content)
    fact = FileFact(
        store=store.code,
        name=name,
        sha256=sha256,
        size=len(content),
        fate=Fate.ACCEPTED,
        stamp=stamp,
        day_hint=feed.day_hint(name, content, rules),
    )
    twin = work.ledger.file_by_content(store.code, sha256)
    try:
        marker = feed.read_marker(marker_name, marker_bytes) if marker_name and marker_bytes is not None else None
        if marker:
            _hold_to_digest(name, sha256, marker)
        if twin is not None and twin.name != name:
            return replace(fact, fate=Fate.DUPLICATE, why=f"{name}: the same bytes came as {twin.name}")
        read = feed.read(name, content, rules)
        if marker:
            _hold_to_totals(name, read, marker)
    except FileRejected as rejected:
        return replace(fact, fate=Fate.REJECTED, why=str(rejected))
    pieces = split_by_day(read.tables)
    for piece in pieces:
        write_piece(work.places, store.code, sha256, piece)
    return replace(
        fact,
        records=read.records,
        receipts=read.receipts,
        gross_minor=read.gross_minor,
        days=tuple(_file_day(piece) for piece in pieces),
    )


def _stamp(file: RemoteFile, marker: RemoteFile | None, reading: str) -> str:
    """What a file looked like when it was taken in: it is fetched again only when that changes."""
    of_marker = f"{marker.size}:{marker.modified}" if marker else "-"
    return f"{file.size}:{file.modified}/{of_marker}/{reading}"


def _hold_to_digest(name: str, sha256: str, marker: Marker) -> None:
    if marker.file != name:
        raise FileRejected(name, f"its marker is for another file, {marker.file!r}.")
    if marker.sha256 != sha256:
        raise FileRejected(name, f"its SHA-256 is {sha256[:12]}…, the marker says {str(marker.sha256)[:12]}…")


def _hold_to_totals(name: str, read: ReadFile, marker: Marker) -> None:
    for word, got, said in (
        ("records", read.records, marker.records),
        ("receipts", read.receipts, marker.receipts),
    ):
        if said is not None and said != got:
            raise FileRejected(name, f"it holds {got:,} {word}, the marker says {said:,}.")
    if marker.gross_minor is not None and marker.gross_minor != read.gross_minor:
        raise FileRejected(
            name, f"its gross is {money(read.gross_minor)}, the marker says {money(marker.gross_minor)}."
        )


def _file_day(piece: Piece) -> FileDay:
    receipts = piece.tables.receipts
    return FileDay(
        trading_day=piece.trading_day,
        receipts=receipts.num_rows,
        gross_minor=pc.sum(receipts.column("gross_minor")).as_py() or 0,
        tables=piece.filled,
        tills=_till_days(piece),
    )


def _till_days(piece: Piece) -> tuple[TillDay, ...]:
    """The first and last numbers of each till, by time and then by line."""
    receipts, closes = _ends(piece.tables.receipts, "receipt"), _ends(piece.tables.z, "z")
    found = []
    for till in sorted({*receipts, *closes}):
        mine, zs = receipts.get(till), closes.get(till)
        found.append(
            TillDay(
                till=till,
                first_receipt=mine[0] if mine else None,
                last_receipt=mine[1] if mine else None,
                last_z=zs[1] if zs else None,
                last_at=max(end[2] for end in (mine, zs) if end),
            )
        )
    return tuple(found)


def _ends(table: pa.Table, number: str) -> dict[str, tuple[str, str, datetime]]:
    """By till: the first and the last number, and when the last was."""
    ends = {}
    tills = table.column("till").combine_chunks()
    for till in tills.unique().to_pylist() if len(tills) else []:
        mine = table.select([number, "at", "file_line"]).filter(pc.equal(tills, till))
        order = pc.sort_indices(mine, sort_keys=[("at", "ascending"), ("file_line", "ascending")])
        first, last = (mine.slice(order[place].as_py(), 1).to_pylist()[0] for place in (0, len(order) - 1))
        ends[till] = (first[number], last[number], last["at"].replace(tzinfo=None))
    return ends
