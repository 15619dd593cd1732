"""Collect: fetch a store's complete files, keep their bytes, read them, write down what became of each."""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Self

from storeday.config.settings import Store
from storeday.feeds.base import JoinedFeed, Marker, ReadFile, read_slice
from storeday.ledger.facts import Fate, FileFact
from storeday.model.content import Content
from storeday.model.errors import FileRejected
from storeday.model.money import money, plain
from storeday.model.storage import exists, write_from
from storeday.sources.connections import Connections
from storeday.sources.registry import source_of
from storeday.stages.file_days import keep_pieces
from storeday.stages.journal import keep_files
from storeday.stages.visit import Fetched, Visit, list_of
from storeday.stages.workplace import Workplace, feed_and_rules

log = logging.getLogger(__name__)

READERS = 2
"""How many files are read at once, while the next is fetched."""

RECORDED_TOGETHER = 16
"""How many files the ledger is told of in one transaction: those of a crash in between are fetched again."""


@dataclass(frozen=True)
class Collected:
    """What one visit to a store's source brought."""

    company: str
    store: str
    accepted: tuple[FileFact, ...] = ()
    rejected: tuple[FileFact, ...] = ()
    duplicates: int = 0
    seen_before: int = 0
    waiting: tuple[str, ...] = ()  # without their marker or another file of their slice, longer than the grace
    waiting_for: str = "a marker"
    uploading: int = 0  # without it, still within the grace

    @property
    def gross_minor(self) -> int:
        """Takings in the accepted files."""
        return sum(fact.gross_minor for fact in self.accepted)

    @property
    def is_new(self) -> bool:
        """Whether anything was fetched."""
        return bool(self.accepted or self.rejected or self.duplicates)

    def facts(self) -> dict[str, object]:
        """For the asset event: money as text and in minor units, the first hundred digests."""
        return {
            "company": self.company,
            "store": self.store,
            "files": len(self.accepted),
            "rejected": len(self.rejected),
            "duplicates": self.duplicates,
            "bytes": sum(fact.size for fact in self.accepted),
            "receipts": sum(fact.receipts for fact in self.accepted),
            "takings": plain(self.gross_minor),
            "takings_minor": self.gross_minor,
            "sha256": [fact.sha256 for fact in self.accepted[:100]],
        }

    def __str__(self) -> str:
        parts = [f"{self.store}: {len(self.accepted)} new files with takings of {money(self.gross_minor)}"]
        parts += [f"{len(self.rejected)} rejected"] if self.rejected else []
        parts += [f"{self.duplicates} duplicates"] if self.duplicates else []
        parts += [f"{self.seen_before} seen before"] if self.seen_before else []
        parts += [f"{self.uploading} still uploading"] if self.uploading else []
        parts += (
            [f"{len(self.waiting)} without {self.waiting_for} for too long: {', '.join(self.waiting[:3])}"]
            if self.waiting
            else []
        )
        return ", ".join(parts)


def collect(work: Workplace, store_code: str, connections: Connections | None = None) -> Collected:
    """Fetch, land and read what is new of one store; one process at a time does, the next finds it done.

    ``connections`` may stay open for the next store. Without them a store has a connection of its own.
    Raises: SourceUnreachable (try again), SourceRefused (do not); LookupError for an unknown store.
    A file that can't be taken in is rejected by itself, with its reason in the ledger; the others go on.
    """
    work.settings.store(store_code)
    with ExitStack() as kept, work.ledger.exclusively(f"collect {store_code}"):
        connections = connections or kept.enter_context(Connections(work.settings.running.downloads_at_once))
        return _collect(work, store_code, connections)


def _collect(work: Workplace, store_code: str, connections: Connections) -> Collected:
    company, store = work.settings.company_of(store_code)
    visit = Visit(work, store)
    # One file is fetched while others are read: most of the work is done outside of Python's lock.
    with (
        source_of(store, connections).open() as source,
        _Recorder(work, company.company.code) as recorder,
        ThreadPoolExecutor(READERS) as readers,
    ):
        reading: deque[Future[FileFact]] = deque()
        started: set[str] = set()
        for fetched in visit.new_files(source):
            while reading and (len(reading) > READERS or fetched.sha256 in started):
                recorder.take(reading.popleft().result())
            if fetched.sha256 in started:  # the same bytes again wait until it is known what became of the first
                recorder.write()
            started.add(fetched.sha256)
            twin = work.ledger.file_by_content(store.code, fetched.sha256)
            reading.append(readers.submit(_take_in, work, store, fetched, twin))
        while reading:
            recorder.take(reading.popleft().result())
    facts = recorder.facts
    for fact in facts:
        if fact.fate is Fate.REJECTED:
            log.warning("%s rejected: %s", store.code, fact.why)
    return Collected(
        company=company.company.code,
        store=store.code,
        accepted=tuple(f for f in facts if f.fate is Fate.ACCEPTED),
        rejected=tuple(f for f in facts if f.fate is Fate.REJECTED),
        duplicates=sum(f.fate is Fate.DUPLICATE for f in facts),
        seen_before=visit.seen_before,
        waiting=tuple(visit.waiting),
        waiting_for="the files it is read with" if isinstance(visit.feed, JoinedFeed) else "a marker",
        uploading=visit.uploading,
    )


class _Recorder:
    """Writes files down in the ledger, several in one transaction; what was taken is written, and kept, in any case."""

    def __init__(self, work: Workplace, company: str) -> None:
        self.work, self.company = work, company
        self.facts: list[FileFact] = []
        self.written = 0

    def take(self, fact: FileFact) -> None:
        """Add a file; written down with its neighbours."""
        self.facts.append(fact)
        if len(self.facts) - self.written >= RECORDED_TOGETHER:
            self.write()

    def write(self) -> None:
        """Write down what is not yet."""
        if new := self.facts[self.written :]:
            self.work.ledger.record_files(new, self.company, self.work.by)
            self.written = len(self.facts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.write()
        if self.facts:
            keep_files(self.work, self.facts[0].store, (fact.name for fact in self.facts))


def _take_in(work: Workplace, store: Store, fetched: Fetched, twin: FileFact | None) -> FileFact:
    """One file: landed under its digest, read, its pieces kept. ``twin`` is an accepted file of the same bytes."""
    with ExitStack() as kept:
        for content in fetched.parts.values():
            kept.enter_context(content)
        return _read(work, store, fetched, twin)


def _read(work: Workplace, store: Store, fetched: Fetched, twin: FileFact | None) -> FileFact:
    feed, rules = feed_and_rules(store)
    _land(work, store, fetched)
    fact = FileFact(
        store=store.code,
        name=fetched.name,
        sha256=fetched.sha256,
        size=sum(content.size for content in fetched.parts.values()),
        fate=Fate.ACCEPTED,
        stamp=fetched.stamp,
        day_hint=feed.day_hint(fetched.name, fetched.parts[fetched.name].head(), rules),
    )
    try:
        marker = None
        if fetched.marker_name and fetched.marker is not None:
            marker = feed.read_marker(fetched.marker_name, fetched.marker)
            _hold_to_digest(fetched.name, fetched.sha256, marker)
        if twin is not None and twin.name != fetched.name:
            why = f"{fetched.name}: the same bytes came as {twin.name}"
            return replace(fact, fate=Fate.DUPLICATE, why=why)
        read = read_slice(feed, fetched.parts, rules)
        if marker:
            _hold_to_totals(fetched.name, read, marker)
    except FileRejected as rejected:
        return replace(fact, fate=Fate.REJECTED, why=str(rejected))
    for found in read.form:
        log.info("%s: read as it came: %s", store.code, found)
    return replace(
        fact,
        why="; ".join(read.notes),
        records=read.records,
        receipts=read.receipts,
        gross_minor=read.gross_minor,
        days=keep_pieces(work.places, store.code, fetched.sha256, read, feed.guarantees),
    )


def _land(work: Workplace, store: Store, fetched: Fetched) -> None:
    """Keep the bytes as they came, each file under its digest, and of several the list that says which."""
    for content in [*fetched.parts.values(), *([Content(list_of(fetched.parts))] if len(fetched.parts) > 1 else [])]:
        place = work.places.landed(store.code, content.sha256)
        if not exists(place):
            write_from(place, content.opened())


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
