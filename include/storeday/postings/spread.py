"""Discounts on a whole receipt, taken off its lines by their selling price.

A line whose category the mapping calls ``spread`` (a meal deal, money off the basket) is no sale of its own: its
amount is apportioned over the lines of its receipt, and its tax over theirs, to the penny. What is loaded on one
rate alone would be the wrong tax. Source: retail rules, mixed-rate deals (H14 to H16).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.mappings import CUSTOMER, SPREAD, VOUCHER, Mapping
from storeday.model.sums import apportion, sum_by
from storeday.model.tables import Tables


def spread_discounts(tables: Tables, mapping: Mapping) -> Tables:
    """The tables without such lines, their discount on the others: ``discount_minor`` up, ``gross_minor`` down.

    Left as it is, for the checks to hold, is a line with nothing in its receipt to be taken off: goods that go the
    same way, not gift cards, accounts paid off, money moved or what is nothing but tax.
    """
    spread = mapping.categories_to(SPREAD)
    lines = tables.lines
    is_spread = _in(lines, spread) if spread else np.zeros(lines.num_rows, dtype=bool)
    if not is_spread.any():
        return tables
    size, owner = tables.receipts.num_rows, lines.column("receipt_row").to_numpy()
    gross, tax = lines.column("gross_minor").to_numpy(), lines.column("tax_minor").to_numpy()
    discount = sum_by(owner[is_spread], gross[is_spread], size)
    beside = [*mapping.categories_to(VOUCHER), *mapping.categories_to(CUSTOMER), *mapping.movements]
    takes = ~is_spread & ~_in(lines, beside) & (np.sign(gross) == -np.sign(discount)[owner]) & (gross != tax)
    shares = sum_by(owner[takes], np.abs(gross[takes]), size)
    done = shares > 0
    takes, is_spread = takes & done[owner], is_spread & done[owner]
    gross_parts = apportion(np.where(done, discount, 0), np.abs(gross[takes]), owner[takes])
    tax_parts = _tax_parts(sum_by(owner[is_spread], tax[is_spread], size), tax[takes], gross[takes], owner[takes])
    columns = {
        "gross_minor": _with(gross, takes, gross_parts),
        "discount_minor": _with(lines.column("discount_minor").to_numpy(), takes, -gross_parts),
        "tax_minor": _with(tax, takes, tax_parts),
    }
    for name, values in columns.items():
        place = lines.schema.get_field_index(name)
        lines = lines.set_column(place, lines.schema.field(place), pa.array(values, pa.int64()))
    return replace(tables, lines=lines.filter(pa.array(~is_spread)))


def _tax_parts(totals: Any, tax: Any, gross: Any, owner: Any) -> Any:
    """The discounts' own tax over the lines by their tax; by their gross where no line has any."""
    no_tax = sum_by(owner, np.abs(tax), len(totals)) == 0
    return apportion(totals, np.where(no_tax[owner], np.abs(gross), np.abs(tax)), owner)


def _in(lines: pa.Table, categories: list[str]) -> Any:
    found = pc.is_in(lines.column("category").cast(pa.string()), pa.array(categories, pa.string()))
    return found.to_numpy()


def _with(values: Any, rows: Any, parts: Any) -> Any:
    changed = values.copy()
    changed[rows] += parts
    return changed
