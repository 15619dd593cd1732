"""Keep the book of a company's stock: what checked store-days moved and counted, carried from day to day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pandas as pd

from storeday.config.settings import CompanySettings, Store
from storeday.config.stock import NotStocked, StockSettings, Threshold
from storeday.ledger.facts import StockDayFact, StoreDayFact
from storeday.ledger.stock import CHECKED, TAKEN_BACK
from storeday.model.stock import BookLine, Mismatch
from storeday.model.store_day import NothingReceived, State
from storeday.postings.stock import MOVED, book_frame, book_lines, moved_stock, roll_book
from storeday.sage50.uk_stock_rules import unfit_codes
from storeday.stages.open_day import OpenDay
from storeday.stages.overview import stores_of
from storeday.stages.workplace import Workplace

Waiting = dict[tuple[str, date], str]
"""Why the stock of a store-day waits, by store and day."""
OpenDayOf = Callable[[Workplace, str, date], OpenDay]


def keep_book(
    work: Workplace,
    company: CompanySettings,
    stock: StockSettings,
    day: date,
    *,
    locked_too: bool = False,
    open_day: OpenDayOf = OpenDay.of,
) -> Waiting:
    """Read the stock of a trading day, and of earlier ones that were checked since theirs was read.

    A change goes on to the counts of later days. A day that is locked in Sage waits, unless ``locked_too``;
    ``open_day`` says which files of a store-day count. Returns the store-days that wait, with why.
    """
    behind = work.ledger.stock_behind(company.company.code, stock.first_day, day)
    waiting: Waiting = {}
    for each in sorted({*behind, day}):
        for store in stock_stores(work, company, each):
            is_locked = company.company.is_locked(each) and not locked_too
            if why := _locked(company) if is_locked else _read(work, company, stock, store, each, open_day):
                waiting[store.code, each] = why
    return waiting


def _locked(company: CompanySettings) -> str:
    return f"the day is locked in Sage: move lock_date in {company.company.code}/company.yaml"


def stock_stores(work: Workplace, company: CompanySettings, day: date) -> list[Store]:
    """The stores of a company that traded on a day, or sent something anyway."""
    traded = set(stores_of(work, day))
    return [store for store in company.stores if store.code in traded]


def _read(
    work: Workplace, company: CompanySettings, stock: StockSettings, store: Store, day: date, open_day: OpenDayOf
) -> str:
    """Read one store-day, unless it was read as it is; returns why it waits, or nothing."""
    checked = work.ledger.store_day(store.code, day)
    if checked is None or checked.state not in {*CHECKED, State.ROLLED_BACK}:
        return f"its takings are {checked.state if checked else 'expected'}: it follows when they are checked"
    threshold = store.stock_threshold or stock.threshold
    fact = _fact(checked, stock, threshold)
    before = work.ledger.stock_day(store.code, day)
    if before and (before.checked_basis, before.settings) == (fact.checked_basis, fact.settings):
        return ""
    moved = book_frame([])
    if checked.state is not State.ROLLED_BACK:
        try:
            opened = open_day(work, store.code, day)
        except NothingReceived as nothing:  # a ledger that was made again may know a delivered day without its files
            return str(nothing)
        if opened.basis != checked.basis:
            return "a file came, or a setting changed, since its takings were checked: close the day again"
        moved = moved_stock(opened.once.tables, opened.mapping, _not_stocked(company, stock))
        moved = moved.assign(trading_day=day, code=[stock.code_of(store.code, sku) for sku in moved["sku"]])
        if why := _unfit(company, stock, store, moved["code"]):
            return why
    book = _rolled(work, store.code, day, moved, stock)
    alerts = {each: tuple(_too_far(book, each, threshold)) for each in {day, *(line.trading_day for line in book)}}
    work.ledger.record_stock(fact, book, alerts, work.by)
    return ""


def _unfit(company: CompanySettings, stock: StockSettings, store: Store, codes: pd.Series) -> str:
    """The stock codes of a store-day that Sage can't take, in words; nothing where there is none."""
    known = None if company.skus is None else [stock.code_of(store.code, sku) for sku in company.skus]
    unfit = unfit_codes(codes, known)
    more = f" and {len(unfit) - 5} more" if len(unfit) > 5 else ""
    return f"Sage can't take {', '.join(unfit[:5])}{more}: list it, or name it in stock.not_stocked" if unfit else ""


def _not_stocked(company: CompanySettings, stock: StockSettings) -> NotStocked:
    """What no stock is kept of, with the articles of its categories by name: a count says no category."""
    categories = stock.not_stocked.categories
    of_categories = {article.sku for article in company.articles or () if article.category in categories}
    return NotStocked(categories=categories, skus=tuple(sorted(of_categories.union(stock.not_stocked.skus))))


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
        checked_basis=TAKEN_BACK if checked.state is State.ROLLED_BACK else checked.basis,
        settings=hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
    )


def _too_far(book: list[BookLine], day: date, threshold: Threshold) -> Iterator[Mismatch]:
    for line in book:
        if line.trading_day != day or line.counted_milli is None or line.expected_milli is None:
            continue
        if threshold.is_passed(line.counted_milli, line.expected_milli):
            yield Mismatch(line.sku, line.counted_milli, line.expected_milli)
