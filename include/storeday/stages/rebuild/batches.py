"""Batches again, from the files that were handed over, and drafts from those that wait."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from storeday.ledger.facts import BatchFact, BatchKind
from storeday.ledger.restoring import RebuiltLedger
from storeday.model.days import day_of
from storeday.model.errors import StoredayError
from storeday.model.money import minor_of, money, plain
from storeday.model.postings import Lines
from storeday.model.stock import StockLines
from storeday.model.storage import MANIFEST, exists, join, names_in, published_in, read_bytes
from storeday.sage50.manifest import lines_of
from storeday.sage50.proof import sales_of
from storeday.sage50.stock_batch import STOCK_FILE
from storeday.sage50.transaction_files import transaction_files
from storeday.sage50.uk_record_layouts import CUSTOMERS, PRODUCTS
from storeday.sage50.uk_records import record_keys_in
from storeday.sage50.uk_stock import stock_lines_in
from storeday.stages.workplace import Workplace


class BatchUnreadable(StoredayError):
    """A batch's folder does not say what was in it: without it a store-day might be delivered twice."""


@dataclass(frozen=True)
class FoundBatch:
    """A batch as its folder has it; ``notes`` is what is not as its manifest says."""

    fact: BatchFact
    folder: str
    logs: dict[str, str]  # receipt log by store
    lines: dict[str, Lines] = field(default_factory=dict)
    stock: dict[str, StockLines] = field(default_factory=dict)
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)  # what the manifest says, by store
    notes: tuple[str, ...] = ()

    @property
    def is_delivered(self) -> bool:
        """Whether it is in the outbox."""
        return self.fact.state == "delivered"


def found_batches(work: Workplace) -> list[FoundBatch]:
    """Every batch in outbox and staging, in an order in which they may have been handed over.

    Of two drafts of one day none is taken: a run was killed between them, and the next one stages the day again.
    Raises: BatchUnreadable naming the folder.
    """
    found = [
        _read(work, company.company.code, day, name, state)
        for company in work.settings.companies
        for state in ("delivered", "draft")
        for day, name in _folders(work, company.company.code, state)
    ]
    delivered = {batch.fact.id for batch in found if batch.is_delivered}
    drafts = [batch for batch in found if not batch.is_delivered and batch.fact.id not in delivered]
    slots = [(batch.fact.company, batch.fact.trading_day, batch.fact.kind) for batch in drafts]
    single = [batch for batch, slot in zip(drafts, slots, strict=True) if slots.count(slot) == 1]
    return sorted([*(batch for batch in found if batch.is_delivered), *single], key=_handed_over)


def restore_batches(ledger: RebuiltLedger, found: list[FoundBatch]) -> None:
    """Put batches into the ledger with their lines and what they brought."""
    for batch in found:
        ledger.restore_batch(batch.fact, batch.logs, batch.lines, batch.stock)


def _folders(work: Workplace, company: str, state: str) -> Iterator[tuple[date, str]]:
    place = work.places.outbox(company) if state == "delivered" else work.places.staging(company)
    for day in names_in(place):
        for name in published_in(join(place, day)):
            yield day_of(day), name


def _handed_over(batch: FoundBatch) -> tuple[date, str, bool, int, str]:
    newest = max((revision for _, _, revision in batch.fact.store_days), default=1)
    return batch.fact.trading_day, batch.fact.kind, not batch.is_delivered, newest, batch.fact.id


def _read(work: Workplace, company: str, day: date, name: str, state: str) -> FoundBatch:
    place = work.places.delivered if state == "delivered" else work.places.draft
    folder = place(company, day, name)
    said = read_bytes(join(folder, MANIFEST))
    try:
        manifest: dict[str, Any] = json.loads(said)
        files = {file: _content(folder, file) for file in manifest["files"]}
        is_stock = manifest.get("kind") == BatchKind.STOCK
        if gone := [file for file in (STOCK_FILE, CUSTOMERS.file, PRODUCTS.file) if files.get(file, b"") is None]:
            raise ValueError(f"{', '.join(gone)} is gone")
        stock = stock_lines_in(files[STOCK_FILE] or b"") if is_stock else {}
        lines = {} if is_stock else {each["store"]: lines_of(each) for each in manifest["store_days"]}
        if manifest["batch"] != name:
            raise ValueError(f"its manifest is of batch {manifest['batch']}")
        fact = BatchFact(
            id=name,
            company=company,
            trading_day=day,
            state=state,
            digest=hashlib.sha256(said).hexdigest(),
            rows=sum(int(manifest["files"][file]["rows"]) for file in _imported(manifest, is_stock=is_stock)),
            gross_minor=sum(sales_of(each) for each in lines.values()),
            store_days=tuple((each["store"], day, int(each["revision"])) for each in manifest["store_days"]),
            environment=str(manifest.get("environment", "")),
            kind=BatchKind.STOCK if is_stock else BatchKind.TAKINGS,
            records=record_keys_in({file: content for file, content in files.items() if content}),
        )
    except (KeyError, ValueError) as error:
        raise BatchUnreadable(
            f"{folder}: its files do not say what was delivered ({type(error).__name__}: {error}); put the folder back "
            "as it was, from a backup or from whoever imported it, and run rebuild again"
        ) from None
    figures = {each["store"]: each for each in manifest["store_days"]}
    return FoundBatch(
        fact=fact,
        folder=folder,
        logs={store: str(each.get("receipt_log", "")) for store, each in figures.items()},
        lines=lines,
        stock=stock,
        figures=figures,
        notes=tuple(_otherwise(folder, manifest, files, lines)),
    )


def _imported(manifest: dict[str, Any], *, is_stock: bool) -> list[str]:
    return [STOCK_FILE] if is_stock else transaction_files(manifest)


def _content(folder: str, file: str) -> bytes | None:
    path = join(folder, file)
    return read_bytes(path) if exists(path) else None


def _otherwise(
    folder: str, manifest: dict[str, Any], files: dict[str, bytes | None], lines: dict[str, Lines]
) -> Iterator[str]:
    """What in a batch's folder is not what was handed over, in words."""
    for file, content in files.items():
        if content is None:
            yield f"{folder}: {file} is gone; it was imported as it was"
        elif hashlib.sha256(content).hexdigest() != manifest["files"][file]["sha256"]:
            yield f"{folder}: {file} has other bytes than were handed over"
    for each in manifest["store_days"]:
        if each["store"] in lines and plain(sales_of(lines[each["store"]])) != each["staged_gross"]:
            of_lines, said = money(sales_of(lines[each["store"]])), money(minor_of(each["staged_gross"]))
            yield f"{folder}: {each['store']}'s lines come to {of_lines}, its sales to {said}"
