"""Promotions: the meal deal over tax rates, and goods marked down at the end of the day."""

from __future__ import annotations

from typing import Final

import numpy as np

from storeday.sample.arithmetic import Flags, Ints, apportion, divide_half_up
from storeday.sample.catalogue import goods

DEAL_PRICE_MINOR: Final = 500
"""For a main, a snack and a drink; less than the three cheapest of them."""
_MARKED_DOWN: Final = 0.04  # of lines
_PER_CENT_OFF: Final = np.array([10, 25, 50])


def deal_goods(rng: np.random.Generator, deals: int) -> Ints:
    """Rows of the catalogue, a row a deal: its main, snack and drink."""
    return np.column_stack([rng.choice(rows, deals) for rows in goods().deal])


def deal_parts(prices_minor: Ints) -> Ints:
    """What the meal deal takes off each of its lines, by their selling prices; a row a deal."""
    return apportion(prices_minor.sum(axis=1) - DEAL_PRICE_MINOR, prices_minor)


def marked_down(rng: np.random.Generator, full_minor: Ints, can_be: Flags) -> Ints:
    """What is taken off each line before its best-before date; nothing off most."""
    is_marked = can_be & (rng.random(len(full_minor)) < _MARKED_DOWN)
    per_cent = rng.choice(_PER_CENT_OFF, len(full_minor))
    return np.where(is_marked, divide_half_up(full_minor * per_cent, 100), 0)
