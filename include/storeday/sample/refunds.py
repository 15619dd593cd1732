"""Refunds: the receipt whose goods come back, of the same day or of the day before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from storeday.sample.arithmetic import Ints
from storeday.sample.order import Stream, pick
from storeday.sample.rolls import Rolls, StoreDay, draw_rolls, yesterday

TODAY, YESTERDAY, UNKNOWN = range(3)
_WEIGHTS: Final = (45, 35, 20)  # of the three above: a receipt is not always shown


@dataclass(frozen=True)
class Originals:
    """The refunds of a store-day and what each returns goods of; one place an array."""

    refund: Ints  # place in Rolls
    day: Ints  # TODAY, YESTERDAY or UNKNOWN
    till: Ints
    number: Ints


def draw_originals(store_day: StoreDay, rolls: Rolls) -> Originals:
    """An earlier sale of the same store for most refunds. Yesterday's rolls are drawn again to find one.

    The goods of a refund are drawn apart: what the earlier receipt sold is not looked up.
    """
    rng = store_day.stream(Stream.REFUNDS)
    refund = np.flatnonzero(rolls.is_refund)
    before = draw_rolls(yesterday(store_day))
    sales, sales_before = np.flatnonzero(rolls.is_sale), np.flatnonzero(before.is_sale)
    earlier = np.searchsorted(sales, refund)  # how many sales each refund has before it
    day = pick(rng, _WEIGHTS, len(refund))
    day[(day == TODAY) & (earlier == 0)] = UNKNOWN
    day[(day == YESTERDAY) & (len(sales_before) == 0)] = UNKNOWN
    today = np.flatnonzero(day == TODAY)
    then = np.flatnonzero(day == YESTERDAY)
    till, number = np.zeros_like(refund), np.zeros_like(refund)
    sold = sales[rng.integers(0, earlier[today])]
    till[today], number[today] = rolls.till[sold], rolls.number[sold]
    if len(then):
        sold = rng.choice(sales_before, len(then))
        till[then], number[then] = before.till[sold], before.number[sold]
    return Originals(refund, day, till, number)
