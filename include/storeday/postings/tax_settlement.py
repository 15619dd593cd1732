"""Where a receipt's tax is not that of its lines: the store's rounding level says which of the two is carried.

A till that rounds lines prints a receipt total of its own; one that rounds receipts spreads it over lines as it can.
Within the store's limit (``tolerances.tax_total``) the one is made to follow the other and every such receipt is
shown; beyond it nothing is changed, and the checks hold the day. Source: docs/postings.md, "Tax"; retail rules,
complaint 23 (both totals kept, the difference shown, a tolerance per source).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from storeday.config.settings import Store
from storeday.model.sums import Ints, sum_by
from storeday.model.tables import Tables
from storeday.model.tax import LineTax, tax_of_groups


@dataclass(frozen=True)
class Settled:
    """The tables with receipts and lines that agree, as far as they may be made to."""

    tables: Tables
    receipts: Ints  # rows of receipts that were settled
    of_lines_minor: Ints  # their lines' tax, as the tills say
    of_receipt_minor: Ints  # their own tax, as the tills say


def settle_tax(tables: Tables, tax: LineTax, store: Store) -> Settled:
    """Make receipts and lines agree on tax where the store's rule says how and its limit lets it."""
    size = tables.receipts.num_rows
    owner, of_line = (tables.lines.column(name).to_numpy() for name in ("receipt_row", "tax_minor"))
    of_receipt = tables.receipts.column("tax_minor").to_numpy()
    of_lines = sum_by(owner, of_line, size)
    gap = of_lines - of_receipt
    rows = np.flatnonzero((gap != 0) & (np.abs(gap) <= store.tolerances.tax_total))
    if not len(rows):
        return Settled(tables, rows, gap[rows], gap[rows])
    if store.rounding.level == "line":
        settled = _with(tables.receipts, np.where(np.isin(np.arange(size), rows), of_lines, of_receipt))
        tables = replace(tables, receipts=settled)
    else:
        moved = _onto_lines(tables, tax, store, rows)
        tables = replace(tables, lines=_with(tables.lines, moved))
    return Settled(tables, rows, of_lines[rows], of_receipt[rows])


def _onto_lines(tables: Tables, tax: LineTax, store: Store, rows: Ints) -> Ints:
    """The lines' tax with the difference of each of these receipts on one line.

    That of the tax kind whose lines are furthest from what the rule gives on them together, and of those the
    largest: there the lines were rounded otherwise than the receipt.
    """
    lines = tables.lines
    owner, gross, of_line = (lines.column(n).to_numpy() for n in ("receipt_row", "gross_minor", "tax_minor"))
    group = owner.astype(np.int64) * (len(tax.kinds) + 1) + tax.kind + 1
    groups, place = np.unique(group, return_inverse=True)
    cut = store.rounding.rule == "truncate_6_decimals"
    rates = np.maximum(tax.rates_bp, 0)
    expected = tax_of_groups(gross, rates, place, len(groups), cut_at_six_decimals=cut)
    out_by = sum_by(place, of_line, len(groups)) - expected
    of_receipt = tables.receipts.column("tax_minor").to_numpy()
    gap = sum_by(owner, of_line, tables.receipts.num_rows) - of_receipt
    # The line to change comes first: same direction, most out, largest.
    toward = out_by[place] * np.sign(gap)[owner]
    order = np.lexsort((-np.abs(gross), -toward, rates == 0, owner))
    first = order[np.searchsorted(owner[order], rows)]
    changed: Ints = of_line.copy()
    changed[first] -= gap[rows]
    return changed


def _with(table: pa.Table, tax: Any) -> pa.Table:
    place = table.schema.get_field_index("tax_minor")
    return table.set_column(place, table.schema.field(place), pa.array(tax, pa.int64()))
