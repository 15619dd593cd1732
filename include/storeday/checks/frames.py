"""The frames that the suites look at: one row a receipt, line, tax group, code, till, Z, file.

Each has a column that is nothing where all is well, in minor units or counts, so that a suite stays a
short list of bounds that a data engineer can read and change. What a frame's columns mean is said in
docs/checks.md. Whole columns at a time; the only loop is over tills.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.checks.bursts import burst_sizes
from storeday.checks.duplicates import Once
from storeday.checks.tax_frames import tax_bias_frame, tax_frame
from storeday.checks.tills import closes_frame, tills_frame, z_frame
from storeday.config.mappings import CUSTOMER, SPREAD, Mapping
from storeday.config.settings import CompanySettings, Restart, Store
from storeday.model.coded import coded, sums_by_code
from storeday.model.decisions import Decision, Gap, Kind
from storeday.model.guarantees import Guarantees
from storeday.model.sums import round_half_up, sum_by
from storeday.model.tables import Tables
from storeday.model.tax import UNMAPPED, LineTax

Frames = dict[str, pd.DataFrame]

NOT_ALWAYS: Final = {"receipts": ("lines_gap_minor", "tax_gap_minor", "tenders_gap_minor", "rounding_minor", "burst")}
"""Columns that a frame has only where the store's feed guarantees what they are made of."""


NO_CODE: Final = "(none)"
"""What stands in the codes frame for a row of the tills that has no code."""


@dataclass(frozen=True)
class Given:
    """All that the checks of one store-day look at."""

    company: CompanySettings
    store: Store
    trading_day: date
    mapping: Mapping
    guarantees: Guarantees
    once: Once
    tax: LineTax  # of each line
    settled: Tables  # the same tables with receipts and lines that agree on tax
    known_skus: frozenset[str] | None = None  # None: any SKU passes
    rejected: tuple[tuple[str, str, str], ...] = ()  # name of a file, why, and its digest
    last_numbers: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)  # by till: receipt, Z
    restarts: dict[str, Restart] = field(default_factory=dict)  # by till: its numbers begin anew on this day
    decisions: tuple[Decision, ...] = ()  # of persons, in force

    @property
    def accepted_gaps(self) -> list[Gap]:
        """The numbers that a person accepted as missing."""
        return [Gap.read(gap) for made in self.decisions if made.kind is Kind.ACCEPT_GAP for gap in made.about]


def frames_of(given: Given) -> Frames:
    """Every frame of a store-day that its feed's guarantees let us check; empty ones are left out."""
    receipts = receipts_frame(given)
    found = {
        "files": pd.DataFrame([{"name": n, "why": w, "sha256": d, "rejected": 1} for n, w, d in given.rejected]),
        "receipts": receipts,
        "lines": lines_frame(given) if given.guarantees.line_arithmetic else pd.DataFrame(),
        "codes": codes_frame(given),
        "closes": closes_frame(given.once.tables) if given.guarantees.z else pd.DataFrame(),
        "tills": tills_frame(
            given.store,
            given.guarantees,
            given.once.tables,
            given.last_numbers,
            given.restarts,
            given.accepted_gaps,
        ),
        "z": z_frame(given.once.tables) if given.guarantees.z else pd.DataFrame(),
        "store_day": _store_day_frame(receipts),
    }
    if given.guarantees.tax_by_class:
        found["tax"] = tax_frame(given.settled, given.tax, given.store.rounding)
        found["tax_bias"] = tax_bias_frame(found["tax"])
    return {name: frame for name, frame in found.items() if len(frame)}


def receipts_frame(given: Given) -> pd.DataFrame:
    """One row a receipt: how far lines, tax and tenders are from it, after the cash rounding it may have."""
    tables, size = given.once.tables, given.once.tables.receipts.num_rows
    gross, tax = (_ints(tables.receipts, name) for name in ("gross_minor", "tax_minor"))
    frame = pd.DataFrame({"gross_minor": gross, "tax_minor": tax, "versions": given.once.versions})
    if given.guarantees.lines:
        owner, settled = _ints(tables.lines, "receipt_row"), given.settled
        frame["lines_gap_minor"] = sum_by(owner, _ints(tables.lines, "gross_minor"), size) - gross
        of_lines = sum_by(owner, _ints(settled.lines, "tax_minor"), size)
        frame["tax_gap_minor"] = of_lines - _ints(settled.receipts, "tax_minor")
        tolerances = given.store.tolerances
        frame["burst"] = burst_sizes(tables, tolerances.burst_receipts, tolerances.burst_seconds)
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


def codes_frame(given: Given) -> pd.DataFrame:
    """One row a code that the tills used: what it is, whether it is mapped, how often and for how much."""
    tables, mapping = given.once.tables, given.mapping
    known: list[tuple[str, pa.Table, str, str, Any]] = [
        ("tax class", tables.lines, "tax_class", "gross_minor", _classes_in_force(given)),
        ("category", tables.lines, "category", "gross_minor", mapping.known_categories),
        ("tender", tables.tenders, "tender", "amount_minor", mapping.tenders),
        ("counted tender", tables.ztenders, "tender", "counted_minor", mapping.tenders),
        ("till", tables.receipts, "till", "gross_minor", given.store.tills),
        ("customer", _on_account(given), "customer", "amount_minor", mapping.customers),
    ]
    if left := mapping.categories_to(SPREAD):
        known.append(("discount with no line to take it off", _of(tables.lines, left), "category", "gross_minor", ()))
    if given.known_skus is not None:
        known.append(("SKU", tables.lines, "sku", "gross_minor", given.known_skus))
    rows = [
        (kind, NO_CODE if code is None else code, code is not None and code in mapped, found, minor)
        for kind, table, column, amount, mapped in known
        for code, (found, minor) in sums_by_code(table, column, amount).items()
    ]
    rows.sort(key=lambda row: row[:2])
    return pd.DataFrame(rows, columns=["kind", "code", "mapped", "found", "amount_minor"])


def _classes_in_force(given: Given) -> set[str]:
    """The tax classes all of whose lines were sold while they were mapped."""
    names, of_line = coded(given.once.tables.lines.column("tax_class"))
    unmapped = np.unique(of_line[given.tax.kind == UNMAPPED])
    return {str(names[number]) for number in np.setdiff1d(of_line, unmapped) if names[number] is not None}


def _of(lines: pa.Table, categories: list[str]) -> pa.Table:
    return lines.filter(pc.is_in(lines.column("category").cast(pa.string()), pa.array(categories, pa.string())))


def _on_account(given: Given) -> pa.Table:
    """The tenders and lines that post to a customer's account, with the customer of their receipt."""
    tables = given.once.tables
    on_account = [code for code, target in given.mapping.tenders.items() if target == CUSTOMER]
    chosen = pc.is_in(tables.tenders.column("tender").cast(pa.string()), pa.array(on_account, pa.string()))
    tenders = tables.tenders.filter(chosen)
    paid_off = _of(tables.lines, given.mapping.categories_to(CUSTOMER))
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


def _ints(table: pa.Table, column: str) -> Any:
    return table.column(column).to_numpy()
