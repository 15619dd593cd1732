"""Collect: fetch a store's complete files, keep their bytes, read them, write down what became of each."""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final, Self

from storeday.config.settings import Store
from storeday.feeds.base import JoinedFeed
from storeday.ledger.facts import Fate, FileFact
from storeday.model.errors import StoredayError
from storeday.model.money import money, plain
from storeday.sources.connections import Connections
from storeday.sources.registry import source_of
from storeday.stages.intake import take_in
from storeday.stages.journal import keep_files
from storeday.stages.visit import Fetched, Visit
from storeday.stages.workplace import Workplace

log = logging.getLogger(__name__)

READERS: Final = 2
"""How many groups of files are read at once, while the next files are fetched."""

TOGETHER: Final = 64
"""How many files are read, kept and written down in one go: those of a crash in between are fetched again."""

TOGETHER_BYTES: Final = 3 << 20
"""How many bytes such files have in all; a larger file is taken in by itself."""


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
    # Some files are fetched while others are read: most of the work is done outside of Python's lock.
    with (
        source_of(store, connections).open() as source,
        _Recorder(work, company.company.code) as recorder,
        _Readers(work, store, recorder) as readers,
    ):
        for fetched in visit.new_files(source):
            readers.add(fetched)
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


class _Readers:
    """Takes files in, several in one go and some of these at once; what becomes of them goes to the recorder."""

    def __init__(self, work: Workplace, store: Store, recorder: _Recorder) -> None:
        self.work, self.store, self.recorder = work, store, recorder
        self.threads = ThreadPoolExecutor(READERS)
        self.reading: deque[Future[list[FileFact]]] = deque()
        self.gathered: list[Fetched] = []
        self.started: set[str] = set()

    def add(self, fetched: Fetched) -> None:
        """Take a file in with its neighbours, once there are enough of them."""
        if fetched.sha256 in self.started:  # the same bytes again wait until it is known what became of the first
            self.finish()
        if sum(each.size for each in self.gathered) + fetched.size > TOGETHER_BYTES:
            self._start()
        self.started.add(fetched.sha256)
        self.gathered.append(fetched)
        if len(self.gathered) >= TOGETHER:
            self._start()

    def finish(self) -> None:
        """Take in and record all that was added."""
        self._start()
        while self.reading:
            self.recorder.write(self.reading.popleft().result())

    def _start(self) -> None:
        if not self.gathered:
            return
        while len(self.reading) >= READERS:
            self.recorder.write(self.reading.popleft().result())
        twins = self.work.ledger.files_by_content(self.store.code, (each.sha256 for each in self.gathered))
        self.reading.append(self.threads.submit(take_in, self.work, self.store, self.gathered, twins))
        self.gathered = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None or issubclass(kind, StoredayError):  # where the source broke off, keep what was fetched
                self.finish()
        finally:
            self.threads.shutdown()
            for each in self.gathered:
                each.close()


class _Recorder:
    """Writes files down in the ledger; what was written down is kept in the journal in any case."""

    def __init__(self, work: Workplace, company: str) -> None:
        self.work, self.company = work, company
        self.facts: list[FileFact] = []

    def write(self, facts: list[FileFact]) -> None:
        """Write some files down, in one transaction."""
        self.work.ledger.record_files(facts, self.company, self.work.by)
        self.facts += facts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.facts:
            keep_files(self.work, self.facts[0].store, (fact.name for fact in self.facts))
