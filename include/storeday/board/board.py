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

from storeday.board.queries import DayState, StoreDays
from storeday.config.opening import Opening
from storeday.config.settings import Company, Settings, Store
from storeday.model.letters import CLOSED
from storeday.model.store_day import State

DAYS: Final = 35
STORES_A_PAGE: Final = 50
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
    differs: bool = False  # Sage is not as it was handed over


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
    held: Amounts  # of it, what is held

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


_StoreDays = set[tuple[str, date]]
_IN_A_BATCH: Final = {state.value for state in State if state.is_staged}


@dataclass(frozen=True)
class _Shop:
    """A store that was asked for, with its days in each state and the days on which it trades."""

    store: Store
    company: Company
    known: dict[str, frozenset[date]]
    trading: frozenset[date]

    @property
    def missing(self) -> frozenset[date]:
        """The days that are expected, and of which nothing came."""
        return self.trading.difference(*self.known.values())

    def has(self, state: str) -> bool:
        """Whether one of its days is in a state."""
        if state == State.EXPECTED:
            return bool(self.missing)
        return not state or state in self.known


def board_of(settings: Settings, ledger: StoreDays, asked: Asked) -> Board:
    """The board of what the ledger knows and what the settings expect."""
    days, known = asked.days, ledger.by_state()
    shops = [shop for shop in _shops(settings, known, days, asked) if shop.has(asked.state)]
    sums = _sums(settings, ledger, shops, are_all={shop.store.code for shop in shops} >= known.keys())
    number = min(asked.page, max(1, -(-len(shops) // STORES_A_PAGE)))
    shown = shops[(number - 1) * STORES_A_PAGE : number * STORES_A_PAGE]
    cells, marks = ledger.of([shop.store.code for shop in shown]), (ledger.corrected(), ledger.differing())
    return Board(
        asked=asked,
        rows=tuple(_row(shop, days, cells.get(shop.store.code, {}), *marks) for shop in shown),
        sums=sums,
        stores=len(shops),
        states=sum((each.states for each in sums), Counter()),
        waiting=_total(each.held for each in sums),
        week=_total(each.gross for each in sums[-7:]),
        gross=_total(each.gross for each in sums),
        page=number,
    )


def days_between(first: date, last: date) -> list[date]:
    """Every day of a range, both ends included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def missing_in(settings: Settings, ledger: StoreDays) -> list[tuple[str, date]]:
    """The store-days of the ledger's days that are expected, and of which nothing came."""
    shops = _shops(settings, ledger.by_state(), ledger.days, Asked(ledger.days[-1]))
    return [(shop.store.code, day) for shop in shops for day in sorted(shop.missing)]


def _shops(
    settings: Settings, known: dict[str, dict[str, frozenset[date]]], days: list[date], asked: Asked
) -> Iterator[_Shop]:
    text = asked.store.casefold()
    trading: dict[tuple[Opening, date], frozenset[date]] = {}  # most stores share their opening
    for company in settings.companies:
        if asked.company not in {"", company.company.code}:
            continue
        begins = max(company.company.first_day, asked.begins)
        for store in company.stores:
            if text and text not in store.code.casefold() and text not in store.name.casefold():
                continue
            key = (store.opening, begins)
            if key not in trading:
                trading[key] = frozenset(day for day in days if day >= begins and store.opening.is_open(day))
            yield _Shop(store, company.company, known.get(store.code, {}), trading[key])


def _row(
    shop: _Shop, days: list[date], known: dict[date, DayState], corrected: _StoreDays, differing: _StoreDays
) -> Row:
    code = shop.store.code
    cells = tuple(
        Cell(day, found.state, found.receipts, found.gross_minor, (code, day) in corrected, (code, day) in differing)
        if (found := known.get(day))
        else Cell(day, "expected" if day in shop.trading else CLOSED)
        for day in days
    )
    return Row(code, shop.store.name, shop.company.code, shop.company.currency, cells)


def _sums(settings: Settings, ledger: StoreDays, shops: list[_Shop], *, are_all: bool) -> tuple[DaySum, ...]:
    """The sums of these stores; of ``are_all`` the ledger need not be told which."""
    sums = {day: DaySum(day, Counter(), defaultdict(int), defaultdict(int)) for day in ledger.days}
    for shop in shops:
        for day in shop.missing:
            sums[day].states["expected"] += 1
    currencies = {each.company.code: each.company.currency for each in settings.companies}
    for total in ledger.totals(None if are_all else [shop.store.code for shop in shops]):
        each, currency = sums[total.day], currencies[total.company]
        each.states[total.state] += total.store_days
        each.gross[currency] += total.gross_minor
        each.held[currency] += total.gross_minor if total.state == State.HELD else 0
    return tuple(sums.values())


def _total(parts: Iterable[Amounts]) -> Amounts:
    total: Amounts = defaultdict(int)
    for part in parts:
        for currency, minor in part.items():
            total[currency] += minor
    return total
