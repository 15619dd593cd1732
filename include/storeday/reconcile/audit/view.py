"""The audit as people see it: a sentence, a calendar, charts and tables of text. Page and PDF show the same.

Of a thousand stores nobody reads a thousand lines: a long table shows the rows that need a look first, says how many
are left out, and sums up all of them. The figures have every row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from storeday.model.letters import CLOSED, LETTERS, MEANINGS
from storeday.model.money import money
from storeday.reconcile.audit import tables
from storeday.reconcile.audit.month import MonthAudit
from storeday.reconcile.audit.tables import rows_of
from storeday.sage50.sheet_tables import Table

DRAWN: Final = 120
"""How many stores the calendar draws: a few pages of the PDF."""
SERIES: Final = 6
"""How many stores have bars of their own; the others share one."""
TILLS: Final = 24
"""How many tills the chart of over and short shows: those that are furthest off."""


@dataclass(frozen=True)
class Square:
    """A store-day in the calendar."""

    state: str
    letter: str
    words: str  # all that it stands for
    day: str = ""  # store and trading day of one that is known, for a link


@dataclass(frozen=True)
class Calendar:
    """Stores down, the month's days across."""

    days: tuple[date, ...]
    rows: tuple[tuple[str, str, tuple[Square, ...]], ...]  # code, name, squares
    left_out: int  # stores that are not drawn
    meanings: tuple[tuple[str, str, str], ...]  # state, letter, words: of the states that occur


@dataclass(frozen=True)
class Chart:
    """Bars: amounts in minor units by category, several series one upon the other."""

    title: str
    words: str  # what it shows, for those who can't see it
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Shown:
    """The audit of a month, ready to be laid out."""

    title: str
    about: str
    verdict: str
    is_clean: bool
    tiles: tuple[tuple[str, str], ...]
    calendar: Calendar
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]  # those that have rows
    nothing: tuple[str, ...]  # what the others would list
    notes: tuple[str, ...]
    figures: tuple[str, ...]  # the names of the tables in figures/


def shown(audit: MonthAudit) -> Shown:
    """What page and PDF of an audit say."""
    facts, made = audit.facts, list(tables.of(audit))
    return Shown(
        title=f"{facts.name}, {facts.first:%B %Y}",
        about=f"Proof of the month's takings · {facts.environment} · {_up_to(audit)} · all amounts in {facts.currency}",
        verdict=audit.verdict,
        is_clean=audit.is_clean,
        tiles=tuple(_tiles(audit)),
        calendar=_calendar(audit),
        charts=tuple(_charts(audit)),
        tables=tuple(table for table in made if table.rows),
        nothing=tuple(table.title for table in made if not table.rows),
        notes=tuple(_notes(audit)),
        figures=tuple(audit.tables),
    )


def _up_to(audit: MonthAudit) -> str:
    facts = audit.facts
    if facts.upto is None:
        return "nothing of it came yet"
    if facts.upto == facts.last:
        return "the whole month"
    return f"up to {_day(facts.upto)}, the newest day that any store sent; the month is not over"


def _tiles(audit: MonthAudit) -> Iterator[tuple[str, str]]:
    days, stores = audit["store_days"], audit["stores"]
    yield f"{audit.confirmed:,} of {len(days):,}", "confirmed in Sage"
    yield f"{audit.open:,}", "open"
    yield money(int(stores["takings_minor"].sum())), "takings of the tills"
    yield money(int(stores["handed_over_minor"].sum())), "sales handed over"
    yield money(int(stores["waiting_minor"].sum())), "sales waiting"
    yield money(audit.unexplained_minor), "unexplained"


def _calendar(audit: MonthAudit) -> Calendar:
    facts, days = audit.facts, audit["store_days"]
    month = tuple(_month(audit))
    stores = audit["stores"]
    in_need = stores[["open_days", "unexplained_minor", "handed_over_days"]].ne(0)
    order = stores.assign(
        first=in_need["open_days"], second=in_need["unexplained_minor"], third=in_need["handed_over_days"]
    )
    drawn = order.sort_values(["first", "second", "third", "store"], ascending=[False, False, False, True]).head(DRAWN)
    drawn = drawn.sort_values("store")
    shown_days = days[days["store"].isin(drawn["store"])]
    known = {
        (row.store, row.trading_day): Square(
            str(row.state),
            LETTERS[str(row.state)],
            f"{row.name}, {_day(row.trading_day)}: {MEANINGS[str(row.state)]}, takings {money(int(row.takings_minor))}",
            f"{row.store}/{row.trading_day.isoformat()}",
        )
        for row in rows_of(shown_days)
    }
    rows = tuple(
        (code, name, tuple(known.get((code, day)) or _no_day(name, day, facts.upto) for day in month))
        for code, name in zip(drawn["store"], drawn["name"], strict=True)
    )
    states = [state for state in LETTERS if state == CLOSED or state in set(days["state"])]
    words = {**MEANINGS, CLOSED: "closed, before the first day or the cutover, or to come"}
    meanings = tuple((state, LETTERS[state], words[state]) for state in states)
    return Calendar(month, rows, len(stores) - len(drawn), meanings)


def _no_day(name: str, day: date, upto: date | None) -> Square:
    is_to_come = upto is None or day > upto
    return Square(CLOSED, LETTERS[CLOSED], f"{name}, {_day(day)}: {'to come' if is_to_come else MEANINGS[CLOSED]}")


def _charts(audit: MonthAudit) -> Iterator[Chart]:
    days = audit["store_days"]
    if days["takings_minor"].any():
        by_store = days.groupby("store")["takings_minor"].sum().sort_values(ascending=False, kind="stable")
        large = sorted(by_store.index[:SERIES])
        grouped = days["store"].where(days["store"].isin(large), "others")
        sums = days.groupby([grouped, "trading_day"])["takings_minor"].sum()
        month = [each for each in _month(audit) if audit.facts.upto and each <= audit.facts.upto]
        names = [*large, *(["others"] if len(by_store) > SERIES else [])]
        yield Chart(
            "Takings by day and store",
            f"Takings of {len(month)} days, {money(int(by_store.sum()))} in all; the figures are in store_days.csv.",
            tuple(str(day.day) for day in month),
            tuple((name, tuple(int(sums.get((name, day), 0)) for day in month)) for name in names),
        )
    tills = audit["over_short"].groupby(["store", "till"])["net_minor"].sum()
    tills = tills[tills != 0]
    if len(tills):
        worst = tills.reindex(tills.abs().sort_values(ascending=False, kind="stable").index[:TILLS]).sort_index()
        yield Chart(
            "Over and short by till",
            f"{len(worst)} of {len(tills)} tills that were not counted as they took, {money(int(tills.sum()))} in all.",
            tuple(" ".join(part for part in key if part) for key in worst.index),
            (("over", tuple(max(0, int(v)) for v in worst)), ("short", tuple(min(0, int(v)) for v in worst))),
        )


def _month(audit: MonthAudit) -> list[date]:
    facts = audit.facts
    return [facts.first + timedelta(days=n) for n in range((facts.last - facts.first).days + 1)]


def _notes(audit: MonthAudit) -> Iterator[str]:
    facts = audit.facts
    if facts.environment != "production":
        yield f"The company is in its {facts.environment}: what is handed over is not in the books."
    if facts.parallel:
        yield f"Store-days before their store's cutover, in parallel run and in no figure here: {facts.parallel:,}."
    if facts.sage is None:
        yield "Sage was not read back for this month: nothing here says what Sage holds, only what was handed over."
    else:
        yield "Read back from Sage: " + "; ".join(facts.sage.readings) + "."
    if (audit["over_short"]["till"] == "").any():
        yield "Over and short without a till is of days that were closed before tills were kept apart."
    yield "By cashier: the files of the tills carry no cashier, so that over and short is known by till."
    yield "A store-day counts in the month of its trading day, also where it is dated later in Sage (locked days)."
    yield "A day that was taken back counts with takings of 0.00; a day without final figures counts with its takings."
    yield "Each table is whole in figures/, as CSV and as Parquet, and its digest in manifest.json."


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"
