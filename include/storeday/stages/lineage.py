"""What each stage read and made, for lineage: told from the ledger and the files once the stage is done.

One function a stage; each returns None where the stage did nothing that is worth telling. Source: docs/lineage.md.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from storeday.checks.suites import Asserted
from storeday.ledger.facts import BatchFact, BatchKind, FileFact, StoreDayFact
from storeday.model.derivation import taken_over
from storeday.model.storage import MANIFEST, join, read_bytes
from storeday.model.store_day import Warned
from storeday.postings.stock import BOOK_FROM
from storeday.postings.wanted import WANTED_FROM
from storeday.sage50.rows import HEADER
from storeday.sage50.stock_batch import STOCK_FILE
from storeday.sage50.transaction_files import transaction_files
from storeday.sage50.uk_file import TRANSACTIONS_FROM
from storeday.sage50.uk_stock import STOCK_FROM, STOCK_HEADER
from storeday.stages.batches import Staged
from storeday.stages.collect import Collected
from storeday.stages.datasets import (
    BOOK,
    CANONICAL,
    RECEIPTS_LOGGED,
    WANTED,
    Columns,
    Dataset,
    Measured,
    Name,
    Origin,
    Outcome,
    Passage,
    ledger_name,
    place_name,
    text_columns,
    tills_name,
)
from storeday.stages.receipt_log import RECEIPT_LOG_FROM
from storeday.stages.stock import StagedStockOf
from storeday.stages.workplace import Workplace


def of_collect(work: Workplace, collected: Collected) -> Passage | None:
    """Tills to landing and canonical tables. Rows of the landing are the files' records, refused files included."""
    taken = [*collected.accepted, *collected.rejected]
    if not taken:
        return None
    store = work.settings.store(collected.store)
    landed = Measured(sum(f.records for f in taken), sum(f.size for f in taken), len(taken))
    days = sorted({day.trading_day for file in collected.accepted for day in file.days})
    landing = place_name(work.places.landing(store.code))
    return Passage(
        inputs=(Dataset(tills_name(store)), Dataset(landing)),  # what was landed is what is read
        outputs=(
            Dataset(landing, measured=landed),
            *(_canonical(work, store.code, day, collected.accepted) for day in days),
        ),
    )


def of_check(work: Workplace, store: str, day: date, checked: StoreDayFact | None = None) -> Passage | None:
    """Canonical tables, held to the suites, to Data Docs; told of a held store-day as well.

    ``checked`` is what the check came to, where the ledger has what came after it by now.
    """
    fact = checked or work.ledger.store_day(store, day)
    asserted: Any = fact.summary.get("asserted") if fact else None
    if not asserted:
        return None
    found = {hold.check: hold for hold in work.ledger.holds(store, day)}
    outcomes = [
        Outcome(
            one,
            holds=one.check in found and not isinstance(found[one.check], Warned),
            found=found[one.check].headline() if not one.is_met and one.check in found else "",
        )
        for one in (Asserted(**said) for said in asserted)
    ]
    canonical = _canonical(work, store, day, work.ledger.files_of(store, day))
    return Passage(
        inputs=(replace(canonical, outcomes=tuple(outcomes)),),
        outputs=(Dataset(place_name(work.places.data_docs(store, day))),),
    )


def of_post(work: Workplace, store: str, day: date) -> Passage | None:
    """Canonical tables to posting lines and the receipt log."""
    fact = work.ledger.store_day(store, day)
    if fact is None or not fact.receipt_log:
        return None
    canonical = _canonical(work, store, day, work.ledger.files_of(store, day))
    lines = work.ledger.wanted(store, day)
    sums = tuple((f"{each}_minor", sum(getattr(a, each) for a in lines.values())) for each in ("net", "tax"))
    wanted = _in_ledger(work, "wanted_lines", WANTED, store, day)
    log = (("gross_minor", fact.gross_minor), ("tax_minor", fact.tax_minor))
    return Passage(
        inputs=(canonical,),
        outputs=(
            replace(
                wanted, measured=Measured(len(lines), sums_minor=sums), origin=Origin(WANTED_FROM, (canonical.named,))
            ),
            Dataset(
                place_name(work.places.receipt_logs(store, day)),
                RECEIPTS_LOGGED,
                Measured(fact.receipts, sums_minor=log),
                Origin(RECEIPT_LOG_FROM, (canonical.named,)),
            ),
        ),
    )


def of_stage(work: Workplace, staged: Staged | StagedStockOf) -> Passage | None:
    """What the ledger has of store-days to the files of drafts."""
    batches = _batches(work, staged)
    drafts = [_drafted(work, batch, work.places.draft(batch.company, batch.trading_day, batch.id)) for batch in batches]
    return _joined(drafts)


def of_deliver(work: Workplace, delivered: Staged | StagedStockOf) -> Passage | None:
    """Drafts to the outbox; a draft that was staged anew on the way is told with it."""
    passages = []
    for batch in _batches(work, delivered):
        outbox = work.places.delivered(batch.company, batch.trading_day, batch.id)
        draft = work.places.draft(batch.company, batch.trading_day, batch.id)
        drafted = _drafted(work, batch, outbox, called=draft)
        files = tuple(each for each in drafted.outputs if each.named.name.startswith(place_name(draft).name))
        moved = tuple(_moved(file, place_name(join(outbox, Path(file.named.name).name))) for file in files)
        passages.append(
            Passage(drafted.inputs, (*drafted.outputs, *moved)) if delivered.restaged else Passage(files, moved)
        )
    return _joined(passages)


def _canonical(work: Workplace, store: str, day: date, files: Iterable[FileFact]) -> Dataset:
    """The canonical tables that these files have of a store-day; its rows are receipts."""
    parts = [part for file in files for part in file.days if part.trading_day == day]
    gross = (("receipts.gross_minor", sum(part.gross_minor for part in parts)),)
    measured = Measured(sum(part.receipts for part in parts), files=len(parts), sums_minor=gross)
    return Dataset(place_name(work.places.canonical_day(store, day)), CANONICAL, measured)


def _in_ledger(work: Workplace, table: str, columns: Columns, store: str, day: date) -> Dataset:
    return Dataset(ledger_name(work.ledger.engine.url, table, store, day), columns)


def _batches(work: Workplace, made: Staged | StagedStockOf) -> list[BatchFact]:
    if isinstance(made, StagedStockOf):
        return list(made.batches)
    return [batch for each in made.batches if (batch := work.ledger.batch(each))]


def _drafted(work: Workplace, batch: BatchFact, folder: str, called: str = "") -> Passage:
    """What a batch's files in ``folder`` were made of, under the name of the draft's folder."""
    manifest = json.loads(read_bytes(join(folder, MANIFEST)))
    is_stock = batch.kind is BatchKind.STOCK
    files = {STOCK_FILE: [day["store"] for day in manifest["store_days"]]} if is_stock else stores_by_file(manifest)
    read = {store: tuple(_read(work, batch, store, day, again)) for store, day, again in batch.store_days}
    derivation, header = (STOCK_FROM, STOCK_HEADER) if is_stock else (TRANSACTIONS_FROM, HEADER)
    outputs = [
        Dataset(
            place_name(join(called or folder, name)),
            text_columns(header),
            Measured(int(manifest["files"][name]["rows"]), len(read_bytes(join(folder, name))), 1),
            Origin(derivation, tuple(each.named for store in stores for each in read[store])),
        )
        for name, stores in files.items()
    ]
    inputs = [each for datasets in read.values() for each in datasets]
    if not is_stock:
        return Passage(tuple(inputs), tuple(outputs))
    # The stock book is kept by the task that stages it: what goes in are the canonical tables.
    tables = [_canonical(work, store, day, work.ledger.files_of(store, day)) for store, day, _ in batch.store_days]
    books = [
        replace(book, origin=Origin(BOOK_FROM, (table.named,))) for book, table in zip(inputs, tables, strict=True)
    ]
    return Passage(tuple(tables), (*books, *outputs))


def _read(work: Workplace, batch: BatchFact, store: str, day: date, revision: int) -> Iterator[Dataset]:
    """The rows of the ledger that a store-day's part of a batch is made of."""
    if batch.kind is BatchKind.STOCK:
        yield _in_ledger(work, "stock_book", BOOK, store, day)
        return
    yield _in_ledger(work, "wanted_lines", WANTED, store, day)
    if revision > 1:
        yield _in_ledger(work, "staged_lines", WANTED, store, day)  # of the batches before it


def stores_by_file(manifest: dict[str, Any]) -> dict[str, list[str]]:
    """The stores whose rows stand in each of a batch's transaction files: files are cut between store-days."""
    days = deque(manifest["store_days"])
    found: dict[str, list[str]] = {}
    for name in transaction_files(manifest):
        found[name], left = [], int(manifest["files"][name]["rows"])
        while left > 0:
            day = days.popleft()
            found[name].append(day["store"])
            left -= int(day["rows"])
    return found


def _moved(file: Dataset, to: Name) -> Dataset:
    same = taken_over(tuple(name for name, _ in file.columns))
    return replace(file, named=to, origin=Origin(same, (file.named,)))


def _joined(passages: list[Passage]) -> Passage | None:
    inputs = tuple(each for passage in passages for each in passage.inputs)
    outputs = tuple(each for passage in passages for each in passage.outputs)
    return Passage(inputs, outputs) if outputs else None
