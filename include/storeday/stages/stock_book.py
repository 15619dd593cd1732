"""Keep the book of a company's stock: what checked store-days moved and counted, carried from day to day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd

from storeday.config.settings import CompanySettings, Store
from storeday.config.stock import StockSettings, Threshold
from storeday.ledger.facts import StockDayFact, StoreDayFact
from storeday.ledger.stock import CHECKED
from storeday.model.stock import BookLine, Mismatch
from storeday.model.store_day import State
from storeday.postings.stock import MOVED, book_frame, book_lines, moved_stock, roll_book
from storeday.sage50.uk_stock_rules import unfit_codes
from storeday.stages.close import OpenDay
from storeday.stages.workplace import Workplace

Waiting = dict[tuple[str, date], str]
"""Why the stock of a store-day waits, by store and day."""


def keep_book(work: Workplace, company: CompanySettings, stock: StockSettings, day: date) -> Waiting:
    """Read the stock of a trading day, and of earlier ones that were checked since theirs was read.

    A change goes on to the counts of later days. Returns the store-days that wait, with why.
    """
    behind = work.ledger.stock_behind(company.company.code, stock.first_day, day)
    waiting: Waiting = {}
    for each in sorted({*behind, day}):
        for store in company.stores:
            if why := _read(work, company, stock, store, each):
                waiting[store.code, each] = why
    return waiting


def _read(work: Workplace, company: CompanySettings, stock: StockSettings, store: Store, day: date) -> str:
    """Read one store-day, unless it was read as it is; returns why it waits, or nothing."""
    checked = work.ledger.store_day(store.code, day)
    if company.company.is_locked(day):
        return f"the day is locked in Sage: move lock_date in {company.company.code}/company.yaml"
    if checked is None or checked.state not in CHECKED:
        return f"its takings are {checked.state if checked else 'expected'}: it follows when they are checked"
    threshold = store.stock_threshold or stock.threshold
    fact = _fact(checked, stock, threshold)
    before = work.ledger.stock_day(store.code, day)
    if before and (before.checked_basis, before.settings) == (fact.checked_basis, fact.settings):
        return ""
    opened = OpenDay.of(work, store.code, day)
    is_rolled_back = checked.state is State.ROLLED_BACK
    if opened.basis != checked.basis and not is_rolled_back:
        return "a file came, or a setting changed, since its takings were checked: close the day again"
    moved = moved_stock(opened.once.tables, opened.mapping, stock.not_stocked)
    moved = moved.iloc[:0] if is_rolled_back else moved
    moved = moved.assign(trading_day=day, code=[stock.code_of(store.code, sku) for sku in moved["sku"]])
    known = None if company.skus is None else [stock.code_of(store.code, sku) for sku in company.skus]
    if unfit := unfit_codes(moved["code"], known):
        more = f" and {len(unfit) - 5} more" if len(unfit) > 5 else ""
        return f"Sage can't take {', '.join(unfit[:5])}{more}: list it, or name it in stock.not_stocked"
    book = _rolled(work, store.code, day, moved, stock)
    alerts = {each: tuple(_too_far(book, each, threshold)) for each in {day, *(line.trading_day for line in book)}}
    work.ledger.record_stock(fact, book, alerts, work.by)
    return ""


def _rolled(work: Workplace, store: str, day: date, moved: pd.DataFrame, stock: StockSettings) -> list[BookLine]:
    """The book of a store from a day on, with what moved on it now."""
    later = book_frame(work.ledger.stock_book(store, day + timedelta(days=1)))
    columns = ["trading_day", "code", *MOVED]
    days = pd.concat([moved[columns], later[columns]], ignore_index=True) if len(later) else moved[columns]
    return book_lines(roll_book(book_frame(work.ledger.stock_book_before(store, day)), days, stock.first_count))


def _fact(checked: StoreDayFact, stock: StockSettings, threshold: Threshold) -> StockDayFact:
    said = [stock.model_dump(mode="json"), threshold.model_dump(mode="json")]
    return StockDayFact(
        store=checked.store,
        trading_day=checked.trading_day,
        company=checked.company,
        checked_basis=checked.basis,
        settings=hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
    )


def _too_far(book: list[BookLine], day: date, threshold: Threshold) -> Iterator[Mismatch]:
    for line in book:
        if line.trading_day != day or line.counted_milli is None or line.expected_milli is None:
            continue
        if threshold.is_passed(line.counted_milli, line.expected_milli):
            yield Mismatch(line.sku, line.counted_milli, line.expected_milli)
