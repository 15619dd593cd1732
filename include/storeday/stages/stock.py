"""Stage what a company's stock still wants in Sage, and deliver it.

Nothing but wanted less delivered, as with takings: a second run stages nothing, a late receipt stages a
small correction. Source: docs/stock.md.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from storeday.config.settings import CompanySettings
from storeday.config.stock import StockSettings
from storeday.ledger.facts import BatchFact, BatchKind, StoreDayFact
from storeday.ledger.stock import CHECKED, TAKEN_BACK
from storeday.model.days import day_of
from storeday.model.money import plain
from storeday.model.stock import BookLine, Mismatch, StockLines, quantity, still_to_move
from storeday.model.storage import names_in
from storeday.model.store_day import State
from storeday.sage50.stock_batch import StockBatch, build_stock_batch
from storeday.sage50.stock_sheet import stock_sheet_of
from storeday.sage50.uk_stock import StagedStock
from storeday.stages.drafts import (
    alone_on,
    hand_over_drafts,
    hold_to_outbox,
    records_brought_meanwhile,
    remove_drafts,
    write_draft,
)
from storeday.stages.locks import posting_day
from storeday.stages.records import stock_records
from storeday.stages.stock_book import Waiting, keep_book, stock_stores
from storeday.stages.workplace import Workplace

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StagedStockOf:
    """What staging or delivering a company's stock came to."""

    company: str
    trading_day: date | None  # None: of whatever days had a draft
    batches: tuple[BatchFact, ...]
    alerts: tuple[tuple[str, date, Mismatch], ...] = ()  # store, day, count
    waiting: tuple[tuple[str, date, str], ...] = ()  # store, day, why
    word: str = "staged"
    restaged: bool = False  # before it was delivered, since another batch had brought its records meanwhile

    @property
    def is_new(self) -> bool:
        """Whether there is a batch, or something that somebody should look at."""
        return bool(self.batches or self.alerts or self.waiting)

    def facts(self) -> dict[str, object]:
        """For the asset event: quantities as text, the digests of the batches' manifests."""
        return {
            "company": self.company,
            "trading_day": self.trading_day.isoformat() if self.trading_day else None,
            "batches": [
                {
                    "id": batch.id,
                    "trading_day": batch.trading_day.isoformat(),
                    "rows": batch.rows,
                    "sha256_of_manifest": batch.digest,
                }
                for batch in self.batches
            ],
            "alerts": [{"store": s, "trading_day": d.isoformat(), **m.facts()} for s, d, m in self.alerts],
            "waiting": [{"store": s, "trading_day": d.isoformat(), "why": why} for s, d, why in self.waiting],
        }

    def __str__(self) -> str:
        day = f" {self.trading_day.isoformat()}" if self.trading_day else ""
        batches = ", ".join(f"{b.id} of {b.trading_day.isoformat()} with {b.rows:,} rows" for b in self.batches)
        said = [f"{self.company}{day}: stock {batches} {self.word}" if batches else ""]
        said = said if batches else [f"{self.company}{day}: no stock new to be {self.word}"]
        said += [f"  {store} {day.isoformat()} waits: {why}" for store, day, why in self.waiting]
        return "\n".join(said)


def stock_companies(work: Workplace, day: date) -> list[CompanySettings]:
    """The companies that stage stock of a trading day, from the settings."""
    return [c for c in work.settings.companies if c.company.stock and c.company.stock.first_day <= day]


def stock_missing(work: Workplace, day: date) -> list[str]:
    """The stores that keep stock and have none staged of a trading day, or not as it is wanted now."""
    return [
        store.code
        for found in stock_companies(work, day)
        for store in stock_stores(work, found, day)
        if not found.in_parallel(store.code, day)
        if store.code not in work.ledger.stock_staged(found.company.code, day)
    ]


def sync_stock(work: Workplace, company_code: str, day: date) -> StagedStockOf:
    """Read a trading day's stock and stage what is not delivered of it, and of other days that changed with it.

    Each trading day has a draft of its own. A store-day whose takings are not checked waits. Raises: LookupError
    for an unknown company, or one that has no stock on that day.
    """
    company = work.settings.company(company_code)
    stock = company.company.stock
    if stock is None or day < stock.first_day:
        raise LookupError(f"{company_code} stages no stock on {day.isoformat()}: see stock in its company.yaml")
    with work.ledger.exclusively(f"stock of {company_code}"):
        waiting = keep_book(work, company, stock, day)
        days = sorted({day, *work.ledger.stock_unstaged(company_code)})
        days = [each for each in days if not all(company.in_parallel(store.code, each) for store in company.stores)]
        staged = [_stage(work, company, stock, each, waiting) for each in days]
    alerts = tuple(
        (store.code, each, mismatch)
        for each in days
        for store in company.stores
        if (fact := work.ledger.stock_day(store.code, each))
        for mismatch in fact.alerts
    )
    for store, each, mismatch in alerts:
        log.warning("%s %s: %s", store, each.isoformat(), mismatch)
    waits = tuple((store, each, why) for (store, each), why in sorted(waiting.items()))
    return StagedStockOf(company_code, day, tuple(batch for batch in staged if batch), alerts, waits)


def deliver_stock(work: Workplace, company_code: str) -> StagedStockOf:
    """Hand all of a company's drafts of stock over to the outbox, oldest day first.

    Finishes deliveries that were broken off. A draft with a product that another batch has brought since is read and
    staged again without it. Raises: LookupError for an unknown company; DraftOutdated where a draft's files are not
    those that were staged: stage again.
    """
    work.settings.company(company_code)
    folders = [day_of(name) for name in names_in(work.places.staging(company_code))]
    fresh: list[BatchFact] = []
    restaged = False
    for day in sorted({*work.ledger.stock_drafts(company_code), *folders}):
        if records_brought_meanwhile(work, company_code, day, BatchKind.STOCK):
            sync_stock(work, company_code, day)
            restaged = True
        with alone_on(work, company_code, day):
            fresh += hand_over_drafts(work, company_code, day, BatchKind.STOCK)
    return StagedStockOf(company_code, None, tuple(fresh), word="delivered", restaged=restaged)


def _stage(
    work: Workplace, company: CompanySettings, stock: StockSettings, day: date, waiting: Waiting
) -> BatchFact | None:
    """Put what the checked store-days of one trading day still want into one draft, in place of the one there was."""
    code, environment = company.company.code, company.company.environment
    with alone_on(work, code, day):
        hold_to_outbox(work, code, day)
        checked = {
            fact.store: fact
            for fact in work.ledger.store_days(day, day)
            if _may_be_staged(work, company, fact) and (fact.store, day) not in waiting
        }
        days = [_still_wanted(work, company, stock, store, day) for store in checked]
        lines: dict[str, StockLines] = {staged.store.code: staged.lines for staged in days}
        days = [staged for staged in days if staged.lines]
        if not days:
            work.ledger.replace_stock_draft(code, day, None, lines, environment)
            remove_drafts(work, code, day, keep=None)
            return None
        facts = {staged.store.code: _day_facts(work, checked[staged.store.code]) for staged in days}
        left_out = [
            {"store": store.code, "name": store.name, "why": waiting[store.code, day]}
            for store in company.stores
            if (store.code, day) in waiting
        ]
        records = stock_records(company, day, days, work.ledger.handed_over(code, environment))
        batch = build_stock_batch(company, day, days, facts, lambda said: stock_sheet_of(said, left_out), records)
        write_draft(work.places.draft(code, day, batch.id), batch.files)
        work.ledger.replace_stock_draft(code, day, replace(_fact(batch), environment=environment), lines, environment)
        remove_drafts(work, code, day, keep=batch.id)
        return _fact(batch)


def _may_be_staged(work: Workplace, company: CompanySettings, fact: StoreDayFact) -> bool:
    """Whether a store-day's day is open, and its stock is that of checked receipts or was taken back."""
    known = work.ledger.stock_day(fact.store, fact.trading_day)
    if company.in_parallel(fact.store, fact.trading_day) and not work.ledger.stock_delivered(
        fact.store, fact.trading_day, company.company.environment
    ):
        return False
    if known is None or fact.company != company.company.code or company.company.is_locked(fact.trading_day):
        return False
    is_taken_back = fact.state is State.ROLLED_BACK and known.checked_basis == TAKEN_BACK
    return is_taken_back or fact.state in CHECKED


def _still_wanted(
    work: Workplace, company: CompanySettings, stock: StockSettings, store: str, day: date
) -> StagedStock:
    environment = company.company.environment
    return StagedStock(
        settings=stock,
        store=work.settings.store(store),
        trading_day=day,
        posted_on=posting_day(company.company, day),
        revision=work.ledger.next_revision(store, day, BatchKind.STOCK, environment),
        lines=still_to_move(work.ledger.stock_wanted(store, day), work.ledger.stock_delivered(store, day, environment)),
    )


def _day_facts(work: Workplace, checked: StoreDayFact) -> dict[str, Any]:
    """What manifest and sheet say of a store-day beside its rows."""
    store, day = checked.store, checked.trading_day
    book, fact = work.ledger.stock_book(store, day, day), work.ledger.stock_day(store, day)
    return {
        "skus": len(book),
        "sold": quantity(sum(line.sold_milli for line in book)),
        "returned": quantity(sum(line.returned_milli for line in book)),
        "counts": [_count_facts(line) for line in book if line.counted_milli is not None],
        "alerts": [mismatch.facts() for mismatch in (fact.alerts if fact else ())],
        "rounding_left": list(_rounding_left(book)),
        "pos_files": checked.summary["pos_files"],
        "receipt_log": checked.receipt_log,
    }


def _count_facts(line: BookLine) -> dict[str, str | None]:
    counted = line.counted_milli or 0
    expected = counted if line.expected_milli is None else line.expected_milli
    return {
        "sku": line.sku,
        "counted": quantity(counted),
        "book": None if line.expected_milli is None else quantity(expected),
        "difference": quantity(counted - expected),
        "adjusted": plain(line.adjusted_hundredths),
    }


def _rounding_left(book: Iterable[BookLine]) -> Iterable[dict[str, str]]:
    """What the book has and Sage, which took rounded quantities, has not."""
    for line in book:
        if left := line.book_milli - 10 * line.book_hundredths:
            yield {"sku": line.sku, "quantity": quantity(left)}


def _fact(batch: StockBatch) -> BatchFact:
    return BatchFact(
        id=batch.id,
        company=batch.company,
        trading_day=batch.trading_day,
        state="draft",
        digest=batch.digest,
        rows=len(batch.rows),
        gross_minor=0,
        store_days=tuple((day.store.code, batch.trading_day, day.revision) for day in batch.days),
        kind=BatchKind.STOCK,
        records=batch.records.keys,
    )
