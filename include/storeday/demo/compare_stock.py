"""Hold the stock files in the outbox to truth.json: every quantity of every SKU and store-day.

Reads the files that a bookkeeper would import; the book that counts are held to is kept here anew, from the
sample's own totals, over the store-days that are to be staged.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from storeday.config.settings import CompanySettings
from storeday.config.stock import StockSettings
from storeday.model.money import minor_of, plain
from storeday.model.stock import hundredths

Moves = Counter[tuple[str, str, str, str]]
"""Hundredths into stock by store, trading day, stock code and what it was (Sold, Returned, Count)."""
_DETAILS: Final = re.compile(r"^(?:Correction \d+: )?(Sold|Returned|Count)(?: over| short)? (\S+) (\d\d/\d\d/\d{4}) ")
_OUT: Final = {"GO", "AO"}


def stock_differences(company: CompanySettings, outbox: Path, truth: dict[str, Any]) -> list[str]:
    """Everything in which the stock files of a company are not what truth.json says, in words."""
    stock = company.company.stock
    if stock is None:
        return []
    got, wanted = _moved(outbox), Counter[tuple[str, str, str, str]]()
    for store in company.stores:
        wanted.update(_wanted(stock, store.code, truth[store.code]))
    return [
        f"{store} {day}: stock {what.lower()} of {code} is {plain(got[key])} and should be {plain(wanted[key])}"
        for key in sorted({*wanted, *got})
        if wanted[key] != got[key]
        for store, day, code, what in [key]
    ]


def _wanted(stock: StockSettings, store: str, days: dict[str, Any]) -> Moves:
    """What one store's days must move, by the sample's own totals."""
    moves: Moves = Counter()
    book: dict[str, tuple[int, int]] = {}  # by SKU: thousandths as they are, hundredths as Sage has them
    counted: set[str] = set()
    for day in sorted(day for day, said in days.items() if said["expected"] == "staged"):
        for sku, said in days[day]["stock"].items():
            if sku == "GIFTCARD" or sku in stock.not_stocked.skus:
                continue
            code, (exact, in_sage) = stock.code_of(store, sku), book.get(sku, (0, 0))
            sold, returned = said["sold_milli"], said["returned_milli"]
            moves[store, day, code, "Sold"] -= hundredths(sold)
            moves[store, day, code, "Returned"] += hundredths(returned)
            exact, in_sage = exact - sold + returned, in_sage - hundredths(sold) + hundredths(returned)
            if said["counted_milli"] is not None:
                exact = said["counted_milli"] - (sold - returned - said["sold_before_milli"])
                if sku in counted:
                    moves[store, day, code, "Count"] += hundredths(exact) - in_sage
                in_sage = hundredths(exact)
                counted.add(sku)
            book[sku] = exact, in_sage
    return moves


def _moved(outbox: Path) -> Moves:
    """What the outbox's files move."""
    moves: Moves = Counter()
    for file in sorted(outbox.glob("*/[!.]*/stock.csv")):
        for row in csv.DictReader(io.StringIO(file.read_text(encoding="ascii"), newline="")):
            if (said := _DETAILS.match(row["Details"])) is None:
                raise ValueError(f"{file}: details {row['Details']!r} name no store-day")
            what, store, day = said.groups()
            sign = -1 if row["Transaction Type"] in _OUT else 1
            moves[store, _iso(day), row["Stock Code"], what] += sign * minor_of(row["Quantity"])
    return moves


def _iso(day: str) -> str:
    found: date = datetime.strptime(day, "%d/%m/%Y").date()
    return found.isoformat()
