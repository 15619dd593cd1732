"""The catalogue of edge cases: what retail's days may hold, and how often a period really held it.

Counted from the canonical tables, each receipt once and before discounts are spread, and from what the ledger says of
the day. A case that did not occur was not tried either. Source of the cases: docs/postings.md, "Odd days".
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.mappings import CUSTOMER, SPREAD, VOUCHER, Mapping
from storeday.model.money import minor_of
from storeday.model.tables import RECEIPT_ROW, REFUND, SALE, Tables
from storeday.sage50.sandbox.masters import OFF_THE_RETURN


class Case(StrEnum):
    """One case, in the words of the report."""

    SALE = "sale"
    REFUND = "refund"
    EXCHANGE = "exchange: lines above and below zero on one receipt"
    VOID = "void"
    TRAINING = "training receipt"
    NO_SALE = "no sale"
    STANDARD = "line at the highest rate"
    REDUCED = "line at a reduced rate"
    ZERO_RATED = "line at 0 %, on the return"
    OUTSIDE = "line outside the scope of VAT (T9)"
    MIXED_TAX = "several tax classes on one receipt"
    SEVERAL_TENDERS = "several tenders on one receipt"
    VOUCHER_SOLD = "gift card sold"
    VOUCHER_REDEEMED = "gift card redeemed"
    ON_ACCOUNT = "sale on account"
    PAID_OFF = "payment on account"
    DISCOUNT = "discount on a line"
    SPREAD = "discount on the whole receipt"
    MOVED = "money moved and no sale: tips, petty cash"
    PART_QUANTITY = "quantity that is no whole number"
    AFTER_MIDNIGHT = "receipt after midnight that belongs to the day before"
    SEVERAL_CLOSES = "till closed more than once a day"
    CASH_ROUNDING = "receipt whose cash was rounded"
    OVER_SHORT = "tender counted over or short"
    NET_BELOW_ZERO = "tax code with more refunded than sold"
    TAX_OFF_THE_RATE = "tax of the till that is not that of the rate"
    DUPLICATE = "receipt that came twice"
    COUNTED = "stock counted"
    RELEASED = "hold released or gap accepted by a person"
    ROLLED_BACK = "store-day rolled back"
    CORRECTION = "correction: a store-day in a later batch"
    SPLIT = "batch cut into several files"
    NEW_RECORDS = "customer or product brought to Sage"
    STOCK_BATCH = "batch of stock"


def cases_in(tables: Tables, mapping: Mapping, zone: str, trading_day: date) -> Counter[Case]:
    """The cases in a store-day's tables, put together with each receipt once; ``zone`` is the store's time zone."""
    receipts, lines, tenders = tables.receipts, tables.lines, tables.tenders
    kinds = Counter(receipts.column("kind").cast(pa.string()).to_pylist())
    found = Counter(
        {
            Case.SALE: kinds[SALE],
            Case.REFUND: kinds[REFUND],
            Case.VOID: kinds["void"],
            Case.TRAINING: kinds["training"],
            Case.NO_SALE: kinds["no_sale"],
            Case.EXCHANGE: _exchanges(lines),
            Case.MIXED_TAX: _with_several(lines, "tax_class"),
            Case.SEVERAL_TENDERS: _with_several(tenders, "tender"),
            Case.VOUCHER_SOLD: _sold_to(lines, mapping, VOUCHER),
            Case.VOUCHER_REDEEMED: _among(tenders, "tender", mapping.tenders_to(VOUCHER)),
            Case.ON_ACCOUNT: _among(tenders, "tender", mapping.tenders_to(CUSTOMER)),
            Case.PAID_OFF: _among(lines, "category", mapping.categories_to(CUSTOMER)),
            Case.DISCOUNT: _many(pc.greater(lines.column("discount_minor"), 0)),
            Case.SPREAD: _among(lines, "category", mapping.categories_to(SPREAD)),
            Case.MOVED: _among(lines, "category", list(mapping.movements)),
            Case.PART_QUANTITY: _parts(lines),
            Case.AFTER_MIDNIGHT: _after_midnight(receipts, zone, trading_day),
            Case.SEVERAL_CLOSES: _with_several(tables.z, "z", by="till"),
            Case.COUNTED: tables.counts.num_rows,
        }
    )
    for case, classes in _classes(mapping).items():
        found[case] = _among(lines, "tax_class", classes)
    return found


def cases_said(summary: dict[str, Any]) -> Counter[Case]:
    """The cases that a store-day's figures tell (stages/figures.py)."""
    kinds = Counter(made["kind"] for made in summary.get("decisions", ()))
    rollbacks = kinds.pop("rollback", 0)
    return Counter(
        {
            Case.CASH_ROUNDING: int(summary.get("rounded", {}).get("receipts", 0)),
            Case.OVER_SHORT: sum(minor_of(over) != 0 for over in summary.get("over_short", {}).values()),
            Case.NET_BELOW_ZERO: sum(minor_of(of["net"]) < 0 for of in summary.get("tax_codes", {}).values()),
            Case.TAX_OFF_THE_RATE: int(summary.get("tax_differences", {}).get("found", 0)),
            Case.DUPLICATE: int(summary.get("duplicates", 0)),
            Case.RELEASED: sum(kinds.values()),
            Case.ROLLED_BACK: rollbacks,
        }
    )


def _classes(mapping: Mapping) -> dict[Case, list[str]]:
    """The tax classes of each kind of rate."""
    on_return = {name: tax.rate_bp for name, tax in mapping.tax_classes.items() if tax.code != OFF_THE_RETURN}
    highest = max(on_return.values(), default=0)
    return {
        Case.STANDARD: [name for name, rate in on_return.items() if rate == highest and rate],
        Case.REDUCED: [name for name, rate in on_return.items() if 0 < rate < highest],
        Case.ZERO_RATED: [name for name, rate in on_return.items() if rate == 0],
        Case.OUTSIDE: [name for name, tax in mapping.tax_classes.items() if tax.code == OFF_THE_RETURN],
    }


def _many(mask: Any) -> int:
    return pc.sum(mask).as_py() or 0


def _is_one_of(table: pa.Table, column: str, codes: list[str]) -> Any:
    return pc.is_in(table.column(column).cast(pa.string()), pa.array(sorted(codes), pa.string()))


def _among(table: pa.Table, column: str, codes: list[str]) -> int:
    return _many(_is_one_of(table, column, codes))


def _sold_to(lines: pa.Table, mapping: Mapping, target: str) -> int:
    """Lines above zero whose SKU, or else whose category, leads to a target."""
    by_sku = _is_one_of(lines, "sku", [sku for sku, found in mapping.skus.items() if found == target])
    of_category = _is_one_of(lines, "category", mapping.categories_to(target))
    elsewhere = _is_one_of(lines, "sku", list(mapping.skus))
    is_sold = pc.or_(by_sku, pc.and_not(of_category, elsewhere))
    return _many(pc.and_(is_sold, pc.greater(lines.column("gross_minor"), 0)))


def _with_several(table: pa.Table, column: str, by: str = RECEIPT_ROW.name) -> int:
    """How many keys have more than one value of a column of codes."""
    codes = pa.table({"by": _plain(table.column(by)), "code": _plain(table.column(column))})
    counted = codes.group_by("by").aggregate([("code", "count_distinct")])
    return _many(pc.greater(counted.column("code_count_distinct"), 1))


def _plain(column: Any) -> Any:
    """Codes as text; each file has a dictionary of its own."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _exchanges(lines: pa.Table) -> int:
    found = lines.group_by(RECEIPT_ROW.name).aggregate([("gross_minor", "min"), ("gross_minor", "max")])
    both = pc.and_(pc.less(found.column("gross_minor_min"), 0), pc.greater(found.column("gross_minor_max"), 0))
    return _many(both)


def _parts(lines: pa.Table) -> int:
    quantity = lines.column("quantity_milli")
    whole = pc.multiply(pc.divide(quantity, 1000), 1000)
    return _many(pc.not_equal(quantity, whole))


def _after_midnight(receipts: pa.Table, zone: str, trading_day: date) -> int:
    local = pc.local_timestamp(receipts.column("at").cast(pa.timestamp("us", tz=zone)))
    return _many(pc.greater(local.cast(pa.date32()), pa.scalar(trading_day, pa.date32())))
