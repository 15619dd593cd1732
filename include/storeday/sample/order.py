"""What sample is wanted, which stores and tills it has, and the random streams that all of it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Final

import numpy as np

from storeday.sample.arithmetic import Ints

NUMBERS: Final = 1_000_000
"""A till's receipt numbers have six digits and start again at 000000."""


@dataclass(frozen=True)
class SampleOrder:
    """A sample to generate.

    ``receipts`` is the mean of a store-day, all kinds of receipts together. ``broken`` names store-days, by
    store code and trading day, in which one receipt's tender is to be 0.20 short.
    Raises: ValueError naming the field that can't be.
    """

    out: Path
    start: date
    receipts: int
    stores: int = 5
    days: int = 7
    seed: int = 50
    broken: tuple[tuple[str, date], ...] = ()

    def __post_init__(self) -> None:
        for field, least, most in (
            ("receipts", 20, NUMBERS),
            ("stores", 1, 9999),
            ("days", 1, 4000),
            ("seed", 0, 2**63 - 1),
        ):
            if not least <= getattr(self, field) <= most:
                raise ValueError(f"{field} is {getattr(self, field)} and must be from {least} to {most}")
        for store, day in self.broken:
            if store not in self.store_codes or day not in self.trading_days:
                raise ValueError(f"broken names {store} {day}, which is no store-day of this sample")

    @property
    def store_codes(self) -> list[str]:
        """S01, S02, ..; S0001, .. where there are more than 99."""
        width = 2 if self.stores <= 99 else 4
        return [f"S{number:0{width}d}" for number in range(1, self.stores + 1)]

    @property
    def trading_days(self) -> list[date]:
        """The days of the sample, first to last."""
        return [self.start + timedelta(days=number) for number in range(self.days)]


class Stream(IntEnum):
    """What a random stream is for. Each store-day has one of each, so that no part depends on another."""

    FIRST_NUMBERS = 0
    COUNTS = 1
    ROLLS = 2
    LINES = 3
    TENDERS = 4
    CUSTOMERS = 5
    REFUNDS = 6
    CLOSE = 7
    STOCK = 8
    BREAK = 9
    SHELF = 10


def stream(purpose: Stream, seed: int, store: int, day: date | None = None) -> np.random.Generator:
    """The random stream of a store-day (of a store where ``day`` is None), the same however large the sample."""
    ordinal = day.toordinal() if day else 0
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(store, ordinal, purpose)))


def pick(rng: np.random.Generator, weights: Sequence[float], size: int) -> Ints:
    """``size`` random choices of a place in ``weights``, each as likely as its weight says."""
    bounds = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(bounds[:-1], rng.random(size), side="right").astype(np.int64)


def till_count(store: int) -> int:
    """How many tills the store at this place of the sample has."""
    return 2 + store % 3


def is_open_late(store: int) -> bool:
    """Whether the store's first till sells until after midnight: S01 and every fifth from there."""
    return store % 5 == 0


def receipts_per_till(order: SampleOrder, store: int, day: date) -> Ints:
    """How many receipts each till rings that day. Of its own stream: running numbers need no other part."""
    tills = till_count(store)
    per_cent = stream(Stream.COUNTS, order.seed, store, day).integers(85, 116, tills)
    return np.maximum(1, per_cent * order.receipts // (100 * tills))


def first_numbers(order: SampleOrder, store: int) -> tuple[Ints, Ints]:
    """The receipt number and the Z number that each till of a store comes to on the sample's first day."""
    rng = stream(Stream.FIRST_NUMBERS, order.seed, store)
    tills = till_count(store)
    return rng.integers(1, 90_000, tills), rng.integers(1, 5_000, tills)
