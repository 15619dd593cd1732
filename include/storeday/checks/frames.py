"""The frames that the suites look at: one row a receipt, line, tax group, code, till, Z, file.

Each has a column that is nothing where all is well, in minor units or counts, so that a suite stays a
short list of bounds that a data engineer can read and change. What a frame's columns mean is said in
docs/checks.md. Whole columns at a time; the only loop is over tills.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.checks.duplicates import Once
from storeday.checks.tills import closes_frame, tills_frame, z_frame
from storeday.config.mappings import CUSTOMER, Mapping
from storeday.config.settings import Store, TaxRounding
from storeday.model.guarantees import Guarantees
from storeday.model.sums import round_half_up, sum_by

Frames = dict[str, pd.DataFrame]

NOT_ALWAYS: Final = {"receipts": ("lines_gap_minor", "tax_gap_minor", "tenders_gap_minor", "rounding_minor")}
"""Columns that a frame has only where the store's feed guarantees what they are made of."""


@dataclass(frozen=True)
class Given:
    """All that the checks of one store-day look at."""

    store: Store
    mapping: Mapping
    guarantees: Guarantees
    once: Once
    known_skus: frozenset[str] | None = None  # None: any SKU passes
    rejected: tuple[tuple[str, str], ...] = ()  # name of a file and why
    last_numbers: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)  # by till: receipt, Z


def frames_of(given: Given) -> Frames:
    """Every frame of a store-day that its feed's guarantees let us check; empty ones are left out."""
    receipts = receipts_frame(given)
    found = {
        "files": pd.DataFrame([{"name": n, "why": w, "rejected": 1} for n, w in given.rejected]),
        "receipts": receipts,
        "lines": lines_frame(given) if given.guarantees.line_arithmetic else pd.DataFrame(),
        "codes": codes_frame(given),
        "closes": closes_frame(given.once.tables) if given.guarantees.z else pd.DataFrame(),
        "tills": tills_frame(given.store, given.guarantees, given.once.tables, given.last_numbers),
        "z": z_frame(given.once.tables) if given.guarantees.z else pd.DataFrame(),
        "store_day": _store_day_frame(receipts),
    }
    if given.guarantees.tax_by_class:
        found["tax"] = tax_frame(given)
        found["tax_bias"] = _tax_bias_frame(found["tax"])
    return {name: frame for name, frame in found.items() if len(frame)}


def receipts_frame(given: Given) -> pd.DataFrame:
    """One row a receipt: how far lines, tax and tenders are from it, after the cash rounding it may have."""
    tables, size = given.once.tables, given.once.tables.receipts.num_rows
    gross, tax = (_ints(tables.receipts, name) for name in ("gross_minor", "tax_minor"))
    frame = pd.DataFrame({"gross_minor": gross, "tax_minor": tax, "versions": given.once.versions})
    if given.guarantees.lines:
        owner = _ints(tables.lines, "receipt_row")
        frame["lines_gap_minor"] = sum_by(owner, _ints(tables.lines, "gross_minor"), size) - gross
        frame["tax_gap_minor"] = sum_by(owner, _ints(tables.lines, "tax_minor"), size) - tax
    if given.guarantees.tenders:
        gap, rounding = tender_gaps(given)
        frame["tenders_gap_minor"], frame["rounding_minor"] = gap - rounding, rounding
    return frame


def tender_gaps(given: Given) -> tuple[Any, Any]:
    """For each receipt: tenders less gross, and how much of it is cash rounding within the store's limit."""
    tables, size = given.once.tables, given.once.tables.receipts.num_rows
    owner = _ints(tables.tenders, "receipt_row")
    gap = sum_by(owner, _ints(tables.tenders, "amount_minor"), size) - _ints(tables.receipts, "gross_minor")
    limit = given.store.tolerances.cash_rounding
    if not limit:
        return gap, np.zeros_like(gap)
    is_cash = pc.is_in(tables.tenders.column("tender").cast(pa.string()), pa.array(given.store.cash_tenders))
    in_cash = sum_by(owner, is_cash.to_numpy().astype(np.int64), size) > 0
    return gap, np.where(in_cash & (np.abs(gap) <= limit), gap, 0)


def lines_frame(given: Given) -> pd.DataFrame:
    """One row a line: its gross less what quantity, unit price and discount give."""
    lines = given.once.tables.lines
    quantity, price, discount, gross = (
        _ints(lines, name) for name in ("quantity_milli", "unit_price_minor", "discount_minor", "gross_minor")
    )
    return pd.DataFrame({"arithmetic_gap_minor": gross - (round_half_up(quantity * price, 1000) - discount)})


def tax_frame(given: Given) -> pd.DataFrame:
    """One row a tax group of the store's rounding level: the POS's tax less what the class's rate gives.

    ``first_line`` is the row of the lines table where the group begins. Groups whose class is not mapped
    are left out: their codes hold the store-day already.
    """
    lines = given.once.tables.lines
    classes = lines.column("tax_class").combine_chunks() if lines.num_rows else pa.array([], pa.string())
    if not lines.num_rows:
        return pd.DataFrame()
    rates = np.array([_rate_bp(given.mapping, name) for name in classes.dictionary.to_pylist()], dtype=np.int64)
    code = classes.indices.to_numpy()
    gross, tax = _ints(lines, "gross_minor"), _ints(lines, "tax_minor")
    first = np.arange(lines.num_rows)
    if given.store.rounding.level != "line":
        group = _tax_groups(given, code, len(rates))
        groups, first, place = np.unique(group, return_index=True, return_inverse=True)
        gross, tax = sum_by(place, gross, len(groups)), sum_by(place, tax, len(groups))
        code = code[first]
    expected = expected_tax(gross, rates[code], given.store.rounding)
    frame = pd.DataFrame(
        {
            "tax_gap_minor": tax - expected,
            "tax_minor": tax,
            "gross_minor": gross,
            "tax_class": code,
            "first_line": first,
        }
    )
    return frame[rates[code] >= 0].reset_index(drop=True) if (rates < 0).any() else frame


def expected_tax(gross_minor: Any, rate_bp: Any, rounding: TaxRounding) -> Any:
    """The tax within a gross amount by rate, in minor units, half a unit away from zero.

    ``rate_bp`` is basis points (20 % is 2000). ``truncate_6_decimals`` cuts the exact tax at six decimals of
    the currency unit before it is rounded. Source: retail rules, H1 and H3.
    """
    numerator, denominator = np.asarray(gross_minor, dtype=np.int64) * rate_bp, 10_000 + np.asarray(rate_bp)
    if rounding.rule == "truncate_6_decimals":
        millionths = np.sign(numerator) * (np.abs(numerator) * 10_000 // denominator)
        return round_half_up(millionths, 10_000)
    return np.sign(numerator) * ((2 * np.abs(numerator) + denominator) // (2 * denominator))


def codes_frame(given: Given) -> pd.DataFrame:
    """One row a code that the tills used: what it is, whether it is mapped, how often and for how much."""
    tables, mapping = given.once.tables, given.mapping
    known: list[tuple[str, pa.Table, str, str, Any]] = [
        ("tax class", tables.lines, "tax_class", "gross_minor", mapping.tax_classes),
        ("category", tables.lines, "category", "gross_minor", mapping.known_categories),
        ("tender", tables.tenders, "tender", "amount_minor", mapping.tenders),
        ("counted tender", tables.ztenders, "tender", "counted_minor", mapping.tenders),
        ("till", tables.receipts, "till", "gross_minor", given.store.tills),
        ("customer", _on_account(given), "customer", "amount_minor", mapping.customers),
    ]
    if given.known_skus is not None:
        known.append(("SKU", tables.lines, "sku", "gross_minor", given.known_skus))
    parts = []
    for kind, table, column, amount, mapped in known:
        used = table.group_by(column).aggregate([(amount, "sum"), (amount, "count")]).to_pandas()
        named = used[column].astype("str").where(used[column].notna(), "(none)")
        parts.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "code": named,
                    "mapped": named.isin(list(mapped)),
                    "found": used[f"{amount}_count"],
                    "amount_minor": used[f"{amount}_sum"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True).sort_values(["kind", "code"], ignore_index=True)


def _on_account(given: Given) -> pa.Table:
    """The tenders and lines that post to a customer's account, with the customer of their receipt."""
    tables = given.once.tables
    on_account = [code for code, target in given.mapping.tenders.items() if target == CUSTOMER]
    chosen = pc.is_in(tables.tenders.column("tender").cast(pa.string()), pa.array(on_account, pa.string()))
    tenders = tables.tenders.filter(chosen)
    category = tables.lines.column("category").cast(pa.string())
    paid_off = tables.lines.filter(pc.is_in(category, pa.array(given.mapping.categories_to(CUSTOMER), pa.string())))
    owners = pa.concat_arrays([part.column("receipt_row").combine_chunks() for part in (tenders, paid_off)])
    amounts = [tenders.column("amount_minor"), paid_off.column("gross_minor")]
    return pa.table(
        {
            "customer": tables.receipts.column("customer").take(owners),
            "amount_minor": pa.concat_arrays([amount.combine_chunks() for amount in amounts]),
        }
    )


def _store_day_frame(receipts: pd.DataFrame) -> pd.DataFrame:
    """One row: all cash rounding of the day together."""
    rounding = receipts["rounding_minor"] if "rounding_minor" in receipts else pd.Series([0])
    return pd.DataFrame({"rounding_minor": [int(rounding.sum())], "rounded_receipts": [int((rounding != 0).sum())]})


def _tax_bias_frame(tax: pd.DataFrame) -> pd.DataFrame:
    """One row a tax class: differences that all point one way, as rounding always down makes them.

    The drift of half-up rounding itself depends on the prices of the day, so what counts is the POS's tax
    against the rule, group by group. Source: retail rules, H1 (systematic rounding down is not allowed).
    """
    if not len(tax):
        return pd.DataFrame()
    off = tax[tax["tax_gap_minor"] != 0]
    total = tax.groupby("tax_class").size()
    down = (off["tax_gap_minor"] < 0).groupby(off["tax_class"]).sum().reindex(total.index, fill_value=0)
    wrong = off.groupby("tax_class").size().reindex(total.index, fill_value=0)
    drift = off.groupby("tax_class")["tax_gap_minor"].sum().reindex(total.index, fill_value=0)
    one_way = (down == wrong) | (down == 0)
    is_bias = one_way & (wrong >= 5) & (wrong * 100 >= total)
    frame = {
        "drift_minor": drift.where(is_bias, 0),
        "off": wrong,
        "groups": total,
        "first": off.groupby("tax_class")["first_line"].min(),
    }
    return pd.DataFrame(frame).reset_index()


def _tax_groups(given: Given, code: Any, classes: int) -> Any:
    """The rounding group of each line: its receipt and class, or its till's whole day and class."""
    lines = given.once.tables.lines
    if given.store.rounding.level == "receipt":
        return _ints(lines, "receipt_row").astype(np.int64) * classes + code
    return lines.column("till").combine_chunks().indices.to_numpy().astype(np.int64) * classes + code


def _rate_bp(mapping: Mapping, tax_class: str) -> int:
    found = mapping.tax_classes.get(tax_class)
    return found.rate_bp if found else -1


def _ints(table: pa.Table, column: str) -> Any:
    return table.column(column).to_numpy()
