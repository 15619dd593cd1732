"""The truth of a sample: what a correct close of each store-day comes to.

Added up from the generator's own arrays before any row of a file is laid out, never read back from files.
A broken store-day's totals are those of the receipts as they were truly paid: what its corrected file
brings. All money in whole minor units.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from storeday.sample.arithmetic import Ints, sums
from storeday.sample.catalogue import goods
from storeday.sample.payments import TENDERS
from storeday.sample.trading import OUT_BY_MINOR, Fault, Trade

CURRENCY: Final = "GBP"


def totals(traded: Trade, fault: Fault | None) -> dict[str, Any]:
    """What is true of one store-day, ready for JSON."""
    rolls, gross, tax = traded.rolls, int(traded.gross_minor.sum()), int(traded.tax_minor.sum())
    return {
        "expected": "held" if fault else "staged",
        "receipts": len(rolls),
        "sales_minor": int(traded.gross_minor[rolls.is_sale].sum()),
        "refunds_minor": int(traded.gross_minor[rolls.is_refund].sum()),
        "gross_minor": gross,
        "tax_minor": tax,
        "net_minor": gross - tax,
        "tills": traded.store_day.tills,
        "sales": _by_category(traded),
        "tenders": _by_tender(traded),
        "over_short": {"CASH": int((traded.zs.cash_counted_minor - traded.zs.cash_taken_minor).sum())},
        "stock": _stock(traded),
        "broken": _broken(fault) if fault else None,
    }


def write_truth(path: Path, stores: dict[str, dict[str, Any]]) -> None:
    """The totals of all store-days, by store and trading day, keys sorted."""
    text = json.dumps({"currency": CURRENCY, "stores": stores}, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def _by_category(traded: Trade) -> list[dict[str, Any]]:
    """Sales and refunds together, of each category and tax class that has any."""
    table = goods().table
    pairs = list(zip(table.column("category").to_pylist(), table.column("tax_class").to_pylist(), strict=True))
    known = sorted(set(pairs))
    group = np.array([known.index(pair) for pair in pairs])[traded.lines.sku]
    gross = sums(traded.lines.gross_minor, group, len(known))
    tax = sums(traded.lines.tax_minor, group, len(known))
    return [
        {"category": category, "tax_class": tax_class, "gross_minor": int(gross[place]), "tax_minor": int(tax[place])}
        for place, (category, tax_class) in enumerate(known)
        if (group == place).any()
    ]


def _by_tender(traded: Trade) -> dict[str, int]:
    payments = traded.payments
    taken: Ints = sums(payments.amount_minor, payments.tender, len(TENDERS))
    return {TENDERS[place]: int(taken[place]) for place in np.unique(payments.tender)}


def _stock(traded: Trade) -> dict[str, dict[str, int | None]]:
    """What was sold, brought back and counted of each SKU that moved or was counted, in thousandths.

    ``sold_before_milli`` is what was sold before the count, less what was brought back.
    """
    codes, lines, stock = goods().table.column("sku").to_pylist(), traded.lines, traded.stock
    sold = sums(np.maximum(lines.quantity_milli, 0), lines.sku, len(codes))
    returned = sums(np.maximum(-lines.quantity_milli, 0), lines.sku, len(codes))
    counts = dict(zip(stock.sku.tolist(), zip(stock.quantity_milli, stock.sold_before_milli, strict=True), strict=True))
    return {
        code: {
            "sold_milli": int(sold[row]),
            "returned_milli": int(returned[row]),
            "counted_milli": int(counts[row][0]) if row in counts else None,
            "sold_before_milli": int(counts[row][1]) if row in counts else 0,
        }
        for row, code in enumerate(codes)
        if sold[row] or returned[row] or row in counts
    }


def _broken(fault: Fault) -> dict[str, Any]:
    return {
        "check": "tenders sum to the receipt",
        "till": fault.till,
        "receipt": fault.receipt,
        "out_by_minor": OUT_BY_MINOR,
    }
