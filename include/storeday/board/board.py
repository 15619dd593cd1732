"""The board as it is shown: stores down, trading days across, a cell a store-day, sums of rows and columns.

Days come from the ledger and the address, never from the clock: without a day that is asked for the board ends with
the newest that any store sent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from storeday.board.queries import DayState
from storeday.config.opening import Opening
from storeday.config.settings import Settings
from storeday.model.store_day import State

DAYS: Final = 35
STORES_A_PAGE: Final = 50
CLOSED: Final = "closed"

LETTERS: Final = {
    "expected": "–",
    "received": "R",
    "held": "H",
    "rolled back": "B",
    "ready": "K",
    "staged": "S",
    "delivered": "D",
    "confirmed": "✓",
    CLOSED: "·",
}
"""What a cell says beside its colour."""

MEANINGS: Final = {
    "expected": "missing: nothing came",
    "received": "received, not closed yet",
    "held": "held: waits for a person",
    "rolled back": "rolled back by a person",
    "ready": "checked and ready",
    "staged": "staged, in a draft",
    "delivered": "delivered",
    "confirmed": "confirmed by Sage",
    CLOSED: "closed, or before the first day",
}

Amounts = dict[str, int]
"""Minor units by currency: amounts of different currencies are never added up."""


@dataclass(frozen=True)
class Asked:
    """What a person wants to see; empty words mean all."""

    last: date
    company: str = ""
    store: str = ""  # part of a code or a name
    state: str = ""
    page: int = 1
    begins: date = date.min  # nothing is expected before it: the first day that anything came of

    @property
    def days(self) -> list[date]:
        """The trading days across."""
        return days_between(self.last - timedelta(days=DAYS - 1), self.last)


@dataclass(frozen=True)
class Cell:
    """One store-day on the board."""

    day: date
    state: str
    receipts: int = 0
    gross_minor: int = 0
    is_corrected: bool = False


@dataclass(frozen=True)
class Row:
    """One store with its days."""

    code: str
    name: str
    company: str
    currency: str
    cells: tuple[Cell, ...]

    @property
    def gross_minor(self) -> int:
        """Its takings over the days shown."""
        return sum(cell.gross_minor for cell in self.cells)


@dataclass(frozen=True)
class DaySum:
    """A trading day over all stores that were asked for, those on other pages too."""

    day: date
    states: Counter[str]
    gross: Amounts

    @property
    def expected(self) -> int:
        """How many stores trade on it, or sent something anyway."""
        return sum(self.states.values())

    @property
    def staged(self) -> int:
        """How many of them are in a batch."""
        return sum(count for state, count in self.states.items() if state in _IN_A_BATCH)


@dataclass(frozen=True)
class Board:
    """What one page shows."""

    asked: Asked
    rows: tuple[Row, ...]
    sums: tuple[DaySum, ...]
    stores: int  # that were asked for, on all pages
    states: Counter[str] = field(default_factory=Counter)
    waiting: Amounts = field(default_factory=dict)  # money of held store-days
    week: Amounts = field(default_factory=dict)  # takings of the last seven days
    gross: Amounts = field(default_factory=dict)  # takings of all days shown
    page: int = 1

    @property
    def pages(self) -> int:
        """How many pages there are; one at least."""
        return max(1, -(-self.stores // STORES_A_PAGE))


_IN_A_BATCH: Final = {state.value for state in State if state.is_staged}


def board_of(
    settings: Settings, known: dict[str, dict[date, DayState]], corrected: set[tuple[str, date]], asked: Asked
) -> Board:
    """The board of what the ledger knows (``known``, by store and day) and what the settings expect."""
    days = asked.days
    rows = [row for row in _rows(settings, known, corrected, asked, days) if _is_asked_for(row, asked.state)]
    sums = tuple(_sums(rows, days))
    week = {each.day for each in sums[-7:]}
    number = min(asked.page, max(1, -(-len(rows) // STORES_A_PAGE)))
    first = (number - 1) * STORES_A_PAGE
    return Board(
        asked=asked,
        rows=tuple(rows[first : first + STORES_A_PAGE]),
        sums=sums,
        stores=len(rows),
        states=sum((each.states for each in sums), Counter()),
        waiting=_total((row, cell) for row in rows for cell in row.cells if cell.state == State.HELD),
        week=_total((row, cell) for row in rows for cell in row.cells if cell.day in week),
        gross=_total((row, cell) for row in rows for cell in row.cells),
        page=number,
    )


def days_between(first: date, last: date) -> list[date]:
    """Every day of a range, both ends included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def missing_in(settings: Settings, known: dict[str, dict[date, DayState]], days: list[date]) -> list[tuple[str, date]]:
    """The store-days of these days that are expected, and of which nothing came."""
    rows = _rows(settings, known, set(), Asked(days[-1]), days)
    return [(row.code, cell.day) for row in rows for cell in row.cells if cell.state == State.EXPECTED]


def _rows(
    settings: Settings,
    known: dict[str, dict[date, DayState]],
    corrected: set[tuple[str, date]],
    asked: Asked,
    days: list[date],
) -> Iterator[Row]:
    text = asked.store.casefold()
    trading: dict[tuple[Opening, date], frozenset[date]] = {}  # most stores share their opening
    for company in settings.companies:
        if asked.company not in {"", company.company.code}:
            continue
        begins = max(company.company.first_day, asked.begins)
        for store in company.stores:
            if text and text not in store.code.casefold() and text not in store.name.casefold():
                continue
            opening = store.opening
            if (opening, begins) not in trading:
                trading[opening, begins] = frozenset(day for day in days if day >= begins and opening.is_open(day))
            cells = _cells(store.code, days, known.get(store.code, {}), trading[opening, begins], corrected)
            yield Row(store.code, store.name, company.company.code, company.company.currency, cells)


def _cells(
    store: str,
    days: list[date],
    known: dict[date, DayState],
    trading: frozenset[date],
    corrected: set[tuple[str, date]],
) -> tuple[Cell, ...]:
    return tuple(
        Cell(day, found.state.value, found.receipts, found.gross_minor, (store, day) in corrected)
        if (found := known.get(day))
        else Cell(day, "expected" if day in trading else CLOSED)
        for day in days
    )


def _is_asked_for(row: Row, state: str) -> bool:
    return not state or any(cell.state == state for cell in row.cells)


def _sums(rows: list[Row], days: list[date]) -> Iterator[DaySum]:
    for number, day in enumerate(days):
        gross: defaultdict[str, int] = defaultdict(int)
        for row in rows:
            gross[row.currency] += row.cells[number].gross_minor
        states = Counter(row.cells[number].state for row in rows)
        del states[CLOSED]
        yield DaySum(day, states, dict(gross))


def _total(cells: Iterable[tuple[Row, Cell]]) -> Amounts:
    total: defaultdict[str, int] = defaultdict(int)
    for row, cell in cells:
        total[row.currency] += cell.gross_minor
    return dict(total)
