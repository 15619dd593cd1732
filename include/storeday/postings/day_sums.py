"""A store-day's figures: what was sold, what it was paid with, what was counted. All in minor units.

The figures of the tills, summed and never recomputed. Posting lines are made of them, and sheet, board and
manifest show them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.mappings import CUSTOMER, VOUCHER, Mapping
from storeday.model.coded import coded, sums_by_code, sums_by_codes
from storeday.model.sums import sum_by
from storeday.model.tables import REFUND, SALE, Tables
from storeday.model.tax import LineTax


@dataclass(frozen=True)
class DaySums:
    """One store-day in sums; frames hold signed minor units, refunds negative."""

    receipts: int  # of any kind
    sales_minor: int
    refunds_minor: int  # negative
    tax_minor: int
    sold: (
        pd.DataFrame
    )  # target (nominal or voucher), tax_code, rate (in words, if another), is_refund, gross_, tax_minor
    moved: dict[str, int]  # by category: into the till, or out of it (negative), and no sale
    taken: dict[str, int]  # by tender, net of change
    payments: dict[str, int]  # by tender: how many payments that were, back and forth
    over_short: dict[str, int]  # by tender: counted less taken; positive is over
    on_account: dict[str, int]  # by customer of the tills: tenders that go to an account
    paid_off: dict[str, int]  # by customer of the tills: what was paid off an account
    rounding_minor: int  # tenders less receipts, where cash was rounded
    rounded_receipts: int
    rounded: tuple[tuple[str, str, int], ...]  # till, receipt, rounding: the first of them
    over_by_till: dict[tuple[str, str], int] = field(default_factory=dict)  # over_short by till and tender

    @property
    def gross_minor(self) -> int:
        """Sales less refunds, tax included."""
        return self.sales_minor + self.refunds_minor

    @property
    def vouchers_minor(self) -> int:
        """What multi-purpose vouchers were sold for: a liability and no sale."""
        return int(self.sold.loc[self.sold["target"] == VOUCHER, "gross_minor"].sum())

    @property
    def beside_sales_minor(self) -> int:
        """What the receipts hold that is no sale: vouchers, money moved, accounts paid off."""
        return self.vouchers_minor + sum(self.moved.values()) + sum(self.paid_off.values())


def sum_up(tables: Tables, tax: LineTax, mapping: Mapping, rounding: Any) -> DaySums:
    """The figures of a store-day whose codes are all mapped.

    ``tax`` is the tax kind of each line, ``rounding`` the cash rounding of each receipt as the checks allowed it.
    """
    receipts = tables.receipts
    kind = receipts.column("kind").cast(pa.string())
    gross = receipts.column("gross_minor").to_numpy()
    rounding = np.asarray(rounding, dtype=np.int64)
    rows = np.flatnonzero(rounding)
    over = _over_by_till(tables)
    is_moved, is_paid_off = _in(tables.lines, mapping.movements), _in(tables.lines, mapping.categories_to(CUSTOMER))
    paid = sums_by_code(tables.tenders, "tender", "amount_minor")
    named = receipts.select(["till", "receipt"]).take(pa.array(rows[:50])).to_pylist()
    return DaySums(
        receipts=receipts.num_rows,
        sales_minor=int(gross[pc.equal(kind, SALE).to_numpy()].sum()),
        refunds_minor=int(gross[pc.equal(kind, REFUND).to_numpy()].sum()),
        tax_minor=int(receipts.column("tax_minor").to_numpy().sum()),
        sold=_sold(tables.lines, pc.invert(pc.or_(is_moved, is_paid_off)), tax, mapping, kind),
        moved=_amounts(sums_by_code(tables.lines.filter(is_moved), "category", "gross_minor"), 1),
        taken=_amounts(paid, 1),
        payments=_amounts(paid, 0),
        over_short=_by_tender(over),
        on_account=_by_customer(tables, tables.tenders.filter(_to_customers(tables, mapping)), "amount_minor"),
        paid_off=_by_customer(tables, tables.lines.filter(is_paid_off), "gross_minor"),
        rounding_minor=int(rounding.sum()),
        rounded_receipts=len(rows),
        rounded=tuple((r["till"], r["receipt"], int(rounding[i])) for r, i in zip(named, rows[:50], strict=True)),
        over_by_till=over,
    )


def _in(lines: pa.Table, categories: Collection[str]) -> Any:
    return pc.is_in(lines.column("category").cast(pa.string()), pa.array(sorted(categories), pa.string()))


def _sold(lines: pa.Table, is_sold: Any, tax: LineTax, mapping: Mapping, kind: Any) -> pd.DataFrame:
    """Where each line leads is told by its SKU, and else by its category; lines that lead nowhere are in no sum."""
    (skus, of_sku), (categories, of_category) = (coded(lines.column(name)) for name in ("sku", "category"))
    targets = sorted({*mapping.skus.values(), *mapping.categories.values()})
    place = {target: number for number, target in enumerate(targets)} | {None: -1}
    by_sku = np.array([place[mapping.skus.get(sku or "")] for sku in skus])[of_sku]
    by_category = np.array([place[mapping.categories.get(category or "")] for category in categories])[of_category]
    target = np.where(by_sku >= 0, by_sku, by_category)
    rates = sorted({(each.code, each.detail) for each in tax.kinds})
    of_kind = np.array([*(rates.index((each.code, each.detail)) for each in tax.kinds), 0])
    is_refund = pc.equal(kind, REFUND).take(lines.column("receipt_row")).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(is_sold.to_numpy(zero_copy_only=False) & (target >= 0))
    many = len(rates) + 1
    key = (target[rows] * many + of_kind[tax.kind[rows]]) * 2 + is_refund[rows]
    keys, group = np.unique(key, return_inverse=True)
    named = [(targets[key // 2 // many], *rates[key // 2 % many], bool(key % 2)) for key in keys.tolist()]
    sold = pd.DataFrame(named, columns=["target", "tax_code", "rate", "is_refund"])
    for name in ("gross_minor", "tax_minor"):
        sold[name] = sum_by(group, lines.column(name).to_numpy()[rows], len(keys))
    return sold


def _over_by_till(tables: Tables) -> dict[tuple[str, str], int]:
    """Counted less taken by till and tender, of what the tills counted. Source: docs/feeds/storeday-csv.md."""
    counted = sums_by_codes(tables.ztenders, ("till", "tender"), "counted_minor")
    if not counted:
        return {}
    taken = sums_by_codes(tables.tenders, ("till", "tender"), "amount_minor")
    over = {(str(till), str(tender)): c - taken.get((till, tender), 0) for (till, tender), c in counted.items()}
    return dict(sorted(over.items()))


def _by_tender(over: dict[tuple[str, str], int]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (_, tender), minor in over.items():
        found[tender] += minor
    return {tender: found[tender] for tender in sorted(found)}


def _to_customers(tables: Tables, mapping: Mapping) -> Any:
    targets = [code for code, target in mapping.tenders.items() if target == CUSTOMER]
    return pc.is_in(tables.tenders.column("tender").cast(pa.string()), pa.array(targets, pa.string()))


def _by_customer(tables: Tables, rows: pa.Table, amount: str) -> dict[str, int]:
    """The amounts of lines or tenders by the customer of their receipt."""
    if not rows.num_rows:
        return {}
    owner = rows.column("receipt_row").to_numpy()
    by_receipt = sum_by(owner, rows.column(amount).to_numpy(), tables.receipts.num_rows)
    owners = np.unique(owner)
    customers = tables.receipts.column("customer").cast(pa.string()).take(pa.array(owners)).to_pandas()
    owed = pd.Series(by_receipt[owners]).groupby(customers.to_numpy()).sum()
    return {str(customer): int(minor) for customer, minor in owed.items()}


def _amounts(found: dict[str | None, tuple[int, int]], which: int) -> dict[Any, int]:
    """By code, in their order: the count (0) or the sum (1)."""
    return {code: found[code][which] for code in sorted(found, key=str)}
