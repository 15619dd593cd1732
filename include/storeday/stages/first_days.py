"""A store's first days after its cutover: extra checks when a day is posted, and a report each trading day.

Source: docs/cutover.md, "The first 30 days".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from storeday.config.settings import CompanySettings, Store
from storeday.model.money import money
from storeday.model.storage import write_whole
from storeday.model.store_day import State, Warned
from storeday.reconcile.golive.first_days import NAMED, Figures, extra_checks, figures_said, mean_of_weekday
from storeday.reconcile.golive.report import Report
from storeday.sage50.sheet_tables import Table
from storeday.stages.asking import ASKED_AFTER_CUTOVER
from storeday.stages.workplace import Workplace

KIND: Final = "first_days"
_KNOWN: Final = {State.READY, State.STAGED, State.DELIVERED, State.CONFIRMED}
_LOOKS_BACK: Final = timedelta(days=30)
"""How far back a code counts as seen before."""


@dataclass(frozen=True)
class Standing:
    """One store on one of its first days; ``fact`` figures are 0 where nothing is known yet."""

    store: Store
    number: int  # 1 is the cutover
    state: State
    receipts: int
    gross_minor: int
    mean_minor: int
    mean_days: int
    looks: tuple[Warned, ...]


def first_day_number(company: CompanySettings, store: Store, day: date) -> int:
    """Which of its first days in production a store's trading day is, from 1; 0 where it is none of them."""
    if company.company.environment != "production" or store.cutover is None:
        return 0
    return (day - store.cutover).days + 1 if store.cutover <= day < store.cutover + ASKED_AFTER_CUTOVER else 0


def first_days_checks(
    work: Workplace, company: CompanySettings, store: Store, day: date, gross_minor: int, summary: dict[str, object]
) -> list[Warned]:
    """What is worth a look beyond the checks of every day; nothing where it is none of the store's first days."""
    if not first_day_number(company, store, day):
        return []
    said = company.company.first_days
    return extra_checks(figures_said(day, gross_minor, summary), list(_before(work, company, store, day)), said)


def standings(work: Workplace, company: CompanySettings, day: date) -> list[Standing]:
    """The stores of a company that are in their first days on a trading day."""
    found = []
    for store in company.stores:
        if number := first_day_number(company, store, day):
            fact = work.ledger.store_day(store.code, day)
            gross = fact.gross_minor if fact else 0
            before = list(_before(work, company, store, day))
            mean, days = mean_of_weekday(Figures(day, gross), before, company.company.first_days.weeks)
            holds = work.ledger.holds(store.code, day) if fact else []
            looks = tuple(each for each in holds if isinstance(each, Warned) and each.check.startswith(NAMED))
            state = fact.state if fact else State.EXPECTED
            receipts = fact.receipts if fact else 0
            found.append(Standing(store, number, state, receipts, gross, mean, days, looks))
    return found


def write_first_days(work: Workplace, day: date) -> list[str]:
    """Write the day's report of each company with stores in their first days. Returns where the pages lie."""
    pages = []
    for company in work.settings.companies:
        if found := standings(work, company, day):
            report = _report(company, day, found)
            page = work.places.report(KIND, company.company.code, day.isoformat())
            write_whole(f"{page}.json", report.json())
            write_whole(f"{page}.html", report.page())
            pages.append(f"{page}.html")
    return pages


def first_days_words(work: Workplace, company: CompanySettings, day: date) -> list[str]:
    """The same in a line a store, for a message: checks named, counted and summed, and nothing of a receipt."""
    return [f"{each.store.code} {each.store.name}: {_words(each)}" for each in standings(work, company, day)]


def _words(each: Standing) -> str:
    looks = "; ".join(look.headline() for look in each.looks) or "nothing worth a look"
    return f"day {each.number} of its first {ASKED_AFTER_CUTOVER.days}: {looks}"


def _before(work: Workplace, company: CompanySettings, store: Store, day: date) -> Iterator[Figures]:
    """The figures of the days before that are known: a month of them, and the same weekday as far as the mean goes."""
    weeks = (day - timedelta(weeks=n) for n in range(1, company.company.first_days.weeks + 1))
    month = (day - timedelta(days=n) for n in range(1, _LOOKS_BACK.days + 1))
    for each in sorted({*weeks, *month}):
        fact = work.ledger.store_day(store.code, each)
        if fact and fact.state in _KNOWN:
            yield figures_said(each, fact.gross_minor, fact.summary)


def _report(company: CompanySettings, day: date, found: list[Standing]) -> Report:
    rows = [
        (
            f"{each.store.code} {each.store.name}",
            each.state.value,
            str(each.number),
            f"{each.receipts:,}",
            money(each.gross_minor),
            money(each.mean_minor) if each.mean_days else "not known",
            str(len(each.looks)),
        )
        for each in found
    ]
    looks = [
        (f"{each.store.code} {each.store.name}", look.headline(), "\n".join(map(str, look.examples)), look.what_now)
        for each in found
        for look in each.looks
    ]
    heads = ("Store", "State", "Day", "Receipts", "Takings", "Mean of the weekday", "Worth a look")
    quiet = [each.store.code for each in found if not each.looks and each.state.is_staged]
    return Report(
        kind=KIND,
        title=f"{company.company.name}: first days, {day:%A %-d %B %Y}",
        said=f"stores in their first {ASKED_AFTER_CUTOVER.days} days since the cutover",
        good=(f"nothing worth a look: {', '.join(quiet)}",) if quiet else (),
        bad=(
            *(f"{each.store.code} is {each.state.value}" for each in found if not each.state.is_staged),
            *(f"{each.store.code}: {look.headline()}" for each in found for look in each.looks),
        ),
        tables=(
            Table("Stores", heads, rows, texts=2),
            Table("Worth a look", ("Store", "What", "Which", "What now"), looks, texts=4),
        ),
    )
