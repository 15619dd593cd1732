"""Till rolls: which receipts a store's tills ring on a trading day, and when, still without their goods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from storeday.model.tables import KINDS, REFUND, SALE
from storeday.sample.arithmetic import Flags, Ints
from storeday.sample.order import NUMBERS, SampleOrder, Stream, is_open_late, pick, receipts_per_till, stream

HOUR: Final = 3_600
"""Seconds; times are wall-clock seconds after the trading day's local midnight, past 24 hours after the next."""
OPENS: Final = 7
_FOOTFALL: Final = (4, 7, 6, 5, 6, 9, 10, 7, 6, 7, 9, 9, 7, 5, 3)  # receipts an hour from OPENS on, relative
_LATE: Final = (24 * HOUR + 300, 24 * HOUR + 2_700)  # before 01:00, which comes twice in the night the clocks go back
_LATE_RECEIPTS: Final = 3
_KIND_WEIGHTS: Final = {"sale": 96.5, "refund": 2.0, "void": 0.5, "training": 0.4, "no_sale": 0.6}


@dataclass(frozen=True)
class StoreDay:
    """Which store-day to generate, and the numbers its tills have come to."""

    order: SampleOrder
    store: int  # place in the sample
    code: str
    day: date
    per_till: Ints  # receipts each till rings
    first_receipt: Ints
    z_number: Ints

    @property
    def tills(self) -> list[str]:
        """The tills' codes, 01 and on."""
        return [f"{till:02d}" for till in range(1, len(self.per_till) + 1)]

    @property
    def is_late(self) -> bool:
        """Whether till 01 sells until after midnight."""
        return is_open_late(self.store)

    def stream(self, purpose: Stream) -> np.random.Generator:
        """The store-day's random stream for one purpose."""
        return stream(purpose, self.order.seed, self.store, self.day)


@dataclass(frozen=True)
class Rolls:
    """The receipts of a store-day in order of time; one place an array."""

    till: Ints
    number: Ints
    at: Ints
    kind: Ints  # place in KINDS

    def __len__(self) -> int:
        return len(self.till)

    @property
    def is_sale(self) -> Flags:
        """Which receipts are sales."""
        return np.equal(self.kind, KINDS.index(SALE))

    @property
    def is_refund(self) -> Flags:
        """Which receipts are refunds."""
        return np.equal(self.kind, KINDS.index(REFUND))


def draw_rolls(store_day: StoreDay) -> Rolls:
    """The receipts of a store-day, numbered without a gap within each till in order of time."""
    rng = store_day.stream(Stream.ROLLS)
    till = np.repeat(np.arange(len(store_day.per_till)), store_day.per_till)
    at = (OPENS + pick(rng, _FOOTFALL, len(till))) * HOUR + rng.integers(0, HOUR, len(till))
    if store_day.is_late:
        late = min(_LATE_RECEIPTS, int(store_day.per_till[0]))
        at[:late] = rng.integers(*_LATE, late)
    kind = pick(rng, [_KIND_WEIGHTS[name] for name in KINDS], len(till))
    by_time = np.argsort(at, kind="stable")
    till, at = till[by_time], at[by_time]
    if store_day.is_late:
        kind[-1] = KINDS.index(SALE)  # at least one sale after midnight
    number = np.empty_like(till)
    for place, first in enumerate(store_day.first_receipt):
        rung = np.flatnonzero(till == place)
        number[rung] = (first + np.arange(len(rung))) % NUMBERS
    return Rolls(till, number, at, kind)


def yesterday(store_day: StoreDay) -> StoreDay:
    """The store's day before, even before the sample starts: its rolls can be drawn again without its goods."""
    day = date.fromordinal(store_day.day.toordinal() - 1)
    per_till = receipts_per_till(store_day.order, store_day.store, day)
    return replace(
        store_day,
        day=day,
        per_till=per_till,
        first_receipt=store_day.first_receipt - per_till,
        z_number=store_day.z_number - 1,
    )
