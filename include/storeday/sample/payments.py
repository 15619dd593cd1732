"""Payments: how each receipt was paid, in one tender or two, or put on a customer's account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from storeday.sample.arithmetic import Flags, Ints
from storeday.sample.order import Stream, pick
from storeday.sample.rolls import Rolls, StoreDay

TENDERS: Final = ("CASH", "VISA", "MC", "AMEX", "GIFT", "ACCOUNT")
CASH: Final = TENDERS.index("CASH")
CUSTOMERS: Final = ("C001", "C002", "C003")
_WAYS: Final = (  # first tender, second, how often
    ("CASH", None, 30),
    ("VISA", None, 37),
    ("MC", None, 20),
    ("AMEX", None, 3),
    ("GIFT", None, 2),
    ("ACCOUNT", None, 2),
    ("GIFT", "CASH", 1.5),
    ("GIFT", "VISA", 1.5),
    ("CASH", "VISA", 3),
)
_PLAIN_WAYS: Final = 4  # for refunds, and where a gift card is bought: the first so many of the above
_FIRST: Final = np.array([TENDERS.index(first) for first, _, _ in _WAYS])
_SECOND: Final = np.array([TENDERS.index(second) if second else -1 for _, second, _ in _WAYS])
_WEIGHTS: Final = [weight for _, _, weight in _WAYS]


@dataclass(frozen=True)
class Payments:
    """The tenders of a store-day, by receipt; one place an array. Money in minor units, signed."""

    owner: Ints  # place of the receipt in Rolls
    line: Ints  # 1 or 2 within the receipt
    tender: Ints  # place in TENDERS
    amount_minor: Ints

    def is_whole(self, receipts: int) -> Flags:
        """Which tenders pay their receipt alone."""
        return np.equal(np.bincount(self.owner, minlength=receipts)[self.owner], 1)


def draw_payments(store_day: StoreDay, rolls: Rolls, gross_minor: Ints, has_gift_card: Flags) -> Payments:
    """Tenders that sum to each receipt's gross; receipts without money have none."""
    rng = store_day.stream(Stream.TENDERS)
    paid = np.flatnonzero(rolls.is_sale | rolls.is_refund)
    gross = gross_minor[paid]
    is_plain = (rolls.is_refund | has_gift_card)[paid]
    way = np.where(is_plain, pick(rng, _WEIGHTS[:_PLAIN_WAYS], len(paid)), pick(rng, _WEIGHTS, len(paid)))
    is_split = (_SECOND[way] >= 0) & (gross >= 2)
    first = np.where(is_split, rng.integers(1, np.maximum(gross, 2)), gross)
    owner = np.concatenate([paid, paid[is_split]])
    line = np.repeat([1, 2], [len(paid), is_split.sum()])
    tender = np.concatenate([_FIRST[way], _SECOND[way[is_split]]])
    amount = np.concatenate([first, (gross - first)[is_split]])
    in_order = np.lexsort((line, owner))
    return Payments(owner[in_order], line[in_order], tender[in_order], amount[in_order])


def draw_customers(store_day: StoreDay, payments: Payments, receipts: int) -> Ints:
    """Of each receipt, the customer (place in CUSTOMERS) whose account it went on; -1 for the others."""
    customer = np.full(receipts, -1)
    on_account = payments.owner[payments.tender == TENDERS.index("ACCOUNT")]
    customer[on_account] = store_day.stream(Stream.CUSTOMERS).integers(0, len(CUSTOMERS), len(on_account))
    return customer
