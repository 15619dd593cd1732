"""What a sample comes to in Sage by its own totals, and what is booked in a sandbox: store-day by store-day.

How totals lead to nominals and VAT boxes is written down here once more, apart from the product.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from storeday.sage50.sandbox import exports
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.tables import JOURNAL, VAT

SALES = {
    "BAKERY": "4000",
    "DELI": "4001",
    "DRINKS": "4002",
    "GROCERY": "4000",
    "PRODUCE": "4000",
    "SNACKS": "4000",
    "HOTFOOD": "4001",
    "HEALTH": "4003",
    "HOUSEHOLD": "4003",
    "FUEL": "4004",
    "ALCOHOL": "4002",
    "NEWS": "4006",
    "POSTAGE": "4005",
    "LOTTERY": "4005",
}
CODES = {"STD": "T1", "RED": "T5", "ZERO": "T0", "EXEMPT": "T2", "OUT": "T9"}
RATES = {"STD": 20, "RED": 5, "ZERO": 0, "EXEMPT": 0, "OUT": 0}
DEPOSITS = {"CASH": "1230", "VISA": "1250", "MC": "1250", "AMEX": "1251"}
GIFT_CARDS, OVER_SHORT, DEBTORS, SALES_TAX = "2150", "8206", "1100", "2200"

StoreDay = tuple[str, date]


@dataclass(frozen=True)
class Books:
    """What a store-day leaves in Sage, in minor units; what comes to nothing is left out."""

    nominals: dict[str, int]  # a debit is positive
    boxes: dict[int, int]

    @staticmethod
    def of(nominals: Counter[str], boxes: Counter[int]) -> Books:
        return Books({n: minor for n, minor in nominals.items() if minor}, {b: m for b, m in boxes.items() if m})

    def pennies_off(self, other: Books) -> int:
        """Everything in which two books differ, added up."""
        pairs = ((self.nominals, other.nominals), (self.boxes, other.boxes))
        return sum(abs(ours.get(k, 0) - theirs.get(k, 0)) for ours, theirs in pairs for k in {*ours, *theirs})  # type: ignore[call-overload]


def books_by_truth(said: dict[str, Any]) -> Books:
    """What the sample's totals of a store-day come to in Sage."""
    nominals: Counter[str] = Counter()
    boxes: Counter[int] = Counter()
    for sold in said["sales"]:
        gross, tax = sold["gross_minor"], sold["tax_minor"]
        if sold["category"] == "GIFTCARD":
            nominals[GIFT_CARDS] -= gross
            continue
        nominals[SALES[sold["category"]]] -= gross - tax
        nominals[SALES_TAX] -= tax
        if sold["tax_class"] != "OUT":
            boxes.update({6: gross - tax, 1: tax})
    for tender, taken in said["tenders"].items():
        nominals[{**DEPOSITS, "GIFT": GIFT_CARDS, "ACCOUNT": DEBTORS}[tender]] += taken
    for tender, over in said["over_short"].items():
        nominals.update({DEPOSITS[tender]: over, OVER_SHORT: -over})
    return Books.of(nominals, boxes)


def booked(sandbox: Sandbox) -> tuple[dict[StoreDay, Books], dict[str, int]]:
    """What is booked in a Sage, by store-day as the references say, and on each nominal in all."""
    nominals: dict[StoreDay, Counter[str]] = defaultdict(Counter)
    boxes: dict[StoreDay, Counter[int]] = defaultdict(Counter)
    j, v = JOURNAL.c, VAT.c
    with sandbox.reading() as sage:
        for reference, nominal, minor in sage.execute(select(j.INV_REF, j.NOMINAL_CODE, j.AMOUNT)):
            nominals[_store_day(reference)][nominal] += minor
        for reference, box, minor in sage.execute(select(v.INV_REF, v.VAT_BOX, v.AMOUNT)):
            boxes[_store_day(reference)][box] += minor
        in_all = {balance.code: balance.minor for balance in exports.nominals(sage) if balance.minor}
    return {key: Books.of(sums, boxes[key]) for key, sums in nominals.items()}, in_all


def _store_day(reference: str) -> StoreDay:
    store, day, *_ = reference.split("-")
    return store, date(2000 + int(day[:2]), int(day[2:4]), int(day[4:]))
