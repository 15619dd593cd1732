"""The end of a till's day: its Z, the cash counted at it, and the store's stock count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from storeday.sample.arithmetic import Ints, sums
from storeday.sample.baskets import ONE
from storeday.sample.catalogue import goods
from storeday.sample.order import Stream
from storeday.sample.payments import CASH, Payments
from storeday.sample.rolls import HOUR, Rolls, StoreDay

_CLOSES_AT: Final = 22 * HOUR + 30 * 60
_LATE_CLOSE_AT: Final = 24 * HOUR + 50 * 60
_OFF: Final = 0.25  # of tills, whose cash is over or short
_MOST_OFF_MINOR: Final = 500
_COUNTED_AT: Final = 11 * HOUR
_COUNTED_SKUS: Final = 10


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


def count_stock(store_day: StoreDay) -> StockCount:
    """About ten SKUs, counted one after another in the late morning."""
    rng = store_day.stream(Stream.STOCK)
    sku = np.sort(rng.choice(goods().ordinary, _COUNTED_SKUS, replace=False))
    pieces = rng.integers(0, 80, _COUNTED_SKUS) * ONE
    return StockCount(
        at=_COUNTED_AT + np.sort(rng.integers(0, HOUR, _COUNTED_SKUS)),
        sku=sku,
        quantity_milli=np.where(goods().is_weighed[sku], rng.integers(0, 25_000, _COUNTED_SKUS), pieces),
    )
