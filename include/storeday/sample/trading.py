"""One store-day as it was traded: receipts, lines, tenders, Zs and stock count, in arrays that agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from storeday.sample.arithmetic import Ints, sums
from storeday.sample.baskets import Lines, draw_lines
from storeday.sample.catalogue import goods
from storeday.sample.closes import StockCount, Zs, close_tills, count_stock
from storeday.sample.order import SampleOrder, Stream, first_numbers, receipts_per_till
from storeday.sample.payments import CASH, Payments, draw_customers, draw_payments
from storeday.sample.refunds import Originals, draw_originals
from storeday.sample.rolls import Rolls, StoreDay, draw_rolls

OUT_BY_MINOR: Final = -20
"""What the tender of a broken receipt is off by."""


@dataclass(frozen=True)
class Trade:
    """All that a store's tills did on one trading day."""

    store_day: StoreDay
    rolls: Rolls
    gross_minor: Ints  # of each receipt
    tax_minor: Ints
    customer: Ints  # place in CUSTOMERS, or -1
    originals: Originals
    lines: Lines
    payments: Payments
    zs: Zs
    stock: StockCount


@dataclass(frozen=True)
class Fault:
    """The one receipt of a broken store-day whose tender doesn't pay it."""

    till: str
    receipt: str
    payment: int  # place in Payments

    def spoil(self, trade: Trade) -> Trade:
        """The store-day as its files tell it: the tender too small, all else as traded."""
        amount = trade.payments.amount_minor.copy()
        amount[self.payment] += OUT_BY_MINOR
        return replace(trade, payments=replace(trade.payments, amount_minor=amount))


def store_days(order: SampleOrder, store: int, code: str) -> Iterator[StoreDay]:
    """A store's days in turn; receipt numbers and Z numbers run on from one to the next."""
    receipt, z = first_numbers(order, store)
    for day in order.trading_days:
        per_till = receipts_per_till(order, store, day)
        yield StoreDay(order, store, code, day, per_till, receipt, z)
        receipt, z = receipt + per_till, z + 1


def trade(store_day: StoreDay, shelves: Ints) -> Trade:
    """Everything of one store-day; the same for the same seed, however large the sample is.

    ``shelves`` is what the store has of each row of the catalogue before the day, in thousandths.
    """
    rolls = draw_rolls(store_day)
    lines = draw_lines(store_day, rolls)
    gross, tax = (sums(amounts, lines.owner, len(rolls)) for amounts in (lines.gross_minor, lines.tax_minor))
    has_gift_card = np.zeros(len(rolls), np.bool_)
    has_gift_card[lines.owner[lines.sku == goods().gift_card]] = True
    payments = draw_payments(store_day, rolls, gross, has_gift_card)
    return Trade(
        store_day=store_day,
        rolls=rolls,
        gross_minor=gross,
        tax_minor=tax,
        customer=draw_customers(store_day, payments, len(rolls)),
        originals=draw_originals(store_day, rolls),
        lines=lines,
        payments=payments,
        zs=close_tills(store_day, rolls, gross, tax, payments),
        stock=count_stock(store_day, rolls, lines, shelves),
    )


def draw_fault(traded: Trade) -> Fault:
    """Which receipt to break: a sale paid in cash alone and large enough.

    Raises: ValueError where the store-day has no such sale.
    """
    payments, rolls = traded.payments, traded.rolls
    is_cash_only = payments.is_whole(len(rolls)) & (payments.tender == CASH)
    can_be = np.flatnonzero(is_cash_only & (payments.amount_minor > -OUT_BY_MINOR))
    if not len(can_be):
        where = f"{traded.store_day.code} {traded.store_day.day}"
        raise ValueError(f"{where} can't be broken: no sale of it was paid in cash alone; order more receipts")
    payment = int(traded.store_day.stream(Stream.BREAK).choice(can_be))
    receipt = payments.owner[payment]
    return Fault(traded.store_day.tills[rolls.till[receipt]], f"{rolls.number[receipt]:06d}", payment)
