"""The end of a till's day: its Z, the cash counted at it, and the store's stock count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from storeday.sample.arithmetic import Ints, sums
from storeday.sample.baskets import ONE, Lines
from storeday.sample.catalogue import goods
from storeday.sample.order import SampleOrder, Stream, stream
from storeday.sample.payments import CASH, Payments
from storeday.sample.rolls import HOUR, Rolls, StoreDay

_CLOSES_AT: Final = 22 * HOUR + 30 * 60
_LATE_CLOSE_AT: Final = 24 * HOUR + 50 * 60
_OFF: Final = 0.25  # of tills, whose cash is over or short
_MOST_OFF_MINOR: Final = 500
_COUNTED_AT: Final = 11 * HOUR
_COUNTED_SKUS: Final = 10
_MISCOUNTED: Final = 0.2  # of counts: something is gone, or was found again
_MOST_MISSING: Final = 4  # pieces, or kilograms of what is weighed


@dataclass(frozen=True)
class Zs:
    """The Z of each till, by till."""

    number: Ints
    at: Ints
    gross_minor: Ints
    tax_minor: Ints
    receipts: Ints  # since the last Z, those without money too
    cash_taken_minor: Ints
    cash_counted_minor: Ints


@dataclass(frozen=True)
class StockCount:
    """The day's count of a few SKUs; one place an array."""

    at: Ints
    sku: Ints  # row of the catalogue
    quantity_milli: Ints
    sold_before_milli: Ints  # on the day, less what was brought back


def close_tills(store_day: StoreDay, rolls: Rolls, gross_minor: Ints, tax_minor: Ints, payments: Payments) -> Zs:
    """Each till's totals, and its cash as counted: over or short by a little on about one till in four."""
    rng = store_day.stream(Stream.CLOSE)
    tills = len(store_day.per_till)
    at = _CLOSES_AT + np.sort(rng.integers(0, 15 * 60, tills))
    if store_day.is_late:
        at[0] = _LATE_CLOSE_AT
    cash = payments.tender == CASH
    taken = sums(payments.amount_minor[cash], rolls.till[payments.owner[cash]], tills)
    off = np.where(rng.random(tills) < _OFF, rng.integers(1, _MOST_OFF_MINOR + 1, tills), 0)
    off *= rng.choice([-1, 1], tills)
    return Zs(
        number=store_day.z_number,
        at=at,
        gross_minor=sums(gross_minor, rolls.till, tills),
        tax_minor=sums(tax_minor, rolls.till, tills),
        receipts=store_day.per_till,
        cash_taken_minor=taken,
        cash_counted_minor=taken + np.maximum(off, -np.maximum(taken, 0)),  # no more is missing than was taken
    )


def full_shelves(order: SampleOrder, store: int) -> Ints:
    """What a store has of each row of the catalogue before the sample's first day; nothing is brought later."""
    rng = stream(Stream.SHELF, order.seed, store)
    rows = len(goods().price_minor)
    return np.where(goods().is_weighed, rng.integers(50_000, 150_000, rows), rng.integers(200, 600, rows) * ONE)


def count_stock(store_day: StoreDay, rolls: Rolls, lines: Lines, shelves: Ints) -> StockCount:
    """About ten SKUs, counted one after another in the late morning: what is on the shelves, give or take a few.

    ``shelves`` is what the store has of each row of the catalogue before the day.
    """
    rng = store_day.stream(Stream.STOCK)
    sku = np.sort(rng.choice(goods().ordinary, _COUNTED_SKUS, replace=False))
    at = _COUNTED_AT + np.sort(rng.integers(0, HOUR, _COUNTED_SKUS))
    before = _sold_until(rolls, lines, sku, at)
    missing = np.where(
        goods().is_weighed[sku],
        rng.integers(-_MOST_MISSING * ONE, _MOST_MISSING * ONE, _COUNTED_SKUS),
        rng.integers(-_MOST_MISSING, _MOST_MISSING + 1, _COUNTED_SKUS) * ONE,
    )
    missing *= rng.random(_COUNTED_SKUS) < _MISCOUNTED
    return StockCount(at, sku, np.maximum(shelves[sku] - before - missing, 0), before)


def shelves_after(lines: Lines, stock: StockCount, shelves: Ints) -> Ints:
    """What the store has of each row of the catalogue after the day: what was counted is what there was."""
    sold = sums(lines.quantity_milli, lines.sku, len(shelves))
    left = shelves - sold
    left[stock.sku] = stock.quantity_milli - (sold[stock.sku] - stock.sold_before_milli)
    return left


def _sold_until(rolls: Rolls, lines: Lines, sku: Ints, at: Ints) -> Ints:
    """What was sold of each SKU, less what was brought back, up to its moment."""
    rung = rolls.at[lines.owner]
    is_sold = (lines.sku == sku[:, None]) & (rung <= at[:, None])
    before: Ints = (is_sold * lines.quantity_milli).sum(axis=1)
    return before
