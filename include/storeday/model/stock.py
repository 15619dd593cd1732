"""Stock: what moved and what was counted of each SKU, the book, and the stock lines that a store-day wants in Sage.

Quantities of the tills are thousandths, as in the canonical tables; Sage takes hundredths. Into stock is
positive, out of it negative. Source: docs/stock.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Movement(StrEnum):
    """Why stock moved, in the order of the file."""

    SOLD = "sold"
    RETURNED = "returned"
    COUNTED = "counted"  # the adjustment that a count asks for


class StockKey(NamedTuple):
    """What makes two quantities the same stock line."""

    code: str  # Sage's stock code
    movement: Movement


StockLines = dict[StockKey, int]
"""Hundredths into stock (out of it negative) by key."""


class BookLine(NamedTuple):
    """One SKU of a store on one trading day: what moved, what was counted, and the book at the day's end.

    ``before_milli`` is what moved before the count, into stock; 0 where nothing was counted.
    """

    trading_day: date
    sku: str
    code: str
    sold_milli: int
    returned_milli: int
    before_milli: int
    counted_milli: int | None  # the day's last count
    expected_milli: int | None  # the book when it was counted; None for the first count of all
    adjusted_hundredths: int  # what the count asks Sage to change
    book_milli: int
    book_hundredths: int  # the same in Sage, where every line was rounded
    is_counted: bool  # whether a count stands behind the book


class Mismatch(NamedTuple):
    """A count that is not what the book says."""

    sku: str
    counted_milli: int
    book_milli: int

    @property
    def difference_milli(self) -> int:
        """Counted less book: positive is over."""
        return self.counted_milli - self.book_milli

    def facts(self) -> dict[str, str]:
        """For manifests and asset events: quantities as text."""
        return {
            "sku": self.sku,
            "counted": quantity(self.counted_milli),
            "book": quantity(self.book_milli),
            "difference": quantity(self.difference_milli),
        }

    def __str__(self) -> str:
        said = self.facts()
        return (
            f"stock of {said['sku']}: counted {said['counted']}, book {said['book']}, difference {said['difference']}"
        )


def hundredths(milli: int) -> int:
    """A quantity as Sage takes it: two decimals, half a hundredth away from zero.

    >>> hundredths(255), hundredths(-255), hundredths(254)
    (26, -26, 25)
    """
    rounded = (2 * abs(milli) + 10) // 20
    return -rounded if milli < 0 else rounded


def quantity(milli: int) -> str:
    """A quantity as people read it, without decimals that say nothing.

    >>> quantity(-255), quantity(12_000), quantity(1_500)
    ('-0.255', '12', '1.5')
    """
    whole, part = divmod(abs(milli), 1000)
    decimals = f".{part:03d}".rstrip("0") if part else ""
    return f"{'-' if milli < 0 else ''}{whole}{decimals}"


def wanted_of(book: Iterable[BookLine]) -> StockLines:
    """The stock lines that a store-day wants in Sage, each rounded by itself."""
    return summed(
        (StockKey(line.code, movement), moved)
        for line in book
        for movement, moved in (
            (Movement.SOLD, -hundredths(line.sold_milli)),
            (Movement.RETURNED, hundredths(line.returned_milli)),
            (Movement.COUNTED, line.adjusted_hundredths),
        )
    )


def summed(parts: Iterable[tuple[StockKey, int]]) -> StockLines:
    """Stock lines by key, those that come to nothing left out, in order of code and movement."""
    total: StockLines = {}
    for key, moved in parts:
        total[key] = total.get(key, 0) + moved
    order = list(Movement)
    return {key: total[key] for key in sorted(total, key=lambda k: (k.code, order.index(k.movement))) if total[key]}


def still_to_move(wanted: StockLines, delivered: StockLines) -> StockLines:
    """What is still to be staged: wanted minus delivered."""
    return summed([*wanted.items(), *((key, -moved) for key, moved in delivered.items())])
