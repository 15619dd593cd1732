"""The frames on tax: the tills' tax against what the rate gives, group by group and kind by kind.

Amounts in minor units. Source: docs/checks.md; retail rules, H1 (systematic rounding down is not allowed).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.settings import TaxRounding
from storeday.model.sums import Ints, sum_by
from storeday.model.tables import Tables
from storeday.model.tax import LineTax, tax_of_groups, tax_within

DAYS_A_YEAR = 365


def tax_frame(tables: Tables, tax: LineTax, rounding: TaxRounding) -> pd.DataFrame:
    """One row a tax group of the store's rounding level: the POS's tax less what the rate gives.

    ``first_line`` is the row of the lines table where the group begins. Lines whose class is not mapped are
    left out: their codes hold the store-day already.
    """
    lines = tables.lines
    if not lines.num_rows:
        return pd.DataFrame()
    gross, of_tills = lines.column("gross_minor").to_numpy(), lines.column("tax_minor").to_numpy()
    rates, kind, first = tax.rates_bp, tax.kind, np.arange(lines.num_rows)
    cut = rounding.rule == "truncate_6_decimals"
    if rounding.level == "line" and not cut:
        expected = tax_within(gross, np.maximum(rates, 0))
    else:
        group = first if rounding.level == "line" else _groups(tables, rounding.level, tax)
        groups, first, place = np.unique(group, return_index=True, return_inverse=True)
        expected = tax_of_groups(gross, np.maximum(rates, 0), place, len(groups), cut_at_six_decimals=cut)
        gross, of_tills = sum_by(place, gross, len(groups)), sum_by(place, of_tills, len(groups))
        kind = kind[first]
    frame = pd.DataFrame(
        {
            "tax_gap_minor": of_tills - expected,
            "tax_minor": of_tills,
            "gross_minor": gross,
            "tax_kind": kind,
            "first_line": first,
        }
    )
    is_mapped = kind >= 0
    return frame if is_mapped.all() else frame[is_mapped].reset_index(drop=True)


def tax_bias_frame(tax: pd.DataFrame) -> pd.DataFrame:
    """One row a tax kind: differences that all point one way, as rounding always down makes them.

    The drift of half-up rounding itself depends on the prices of the day, so what counts is the POS's tax
    against the rule, group by group. ``a_year_minor`` is what the drift comes to over a year at this pace.
    """
    if not len(tax):
        return pd.DataFrame()
    kinds, place, total = np.unique(tax["tax_kind"].to_numpy(), return_inverse=True, return_counts=True)
    gap = tax["tax_gap_minor"].to_numpy()
    off = np.flatnonzero(gap)
    wrong, down = (np.bincount(place[rows], minlength=len(kinds)) for rows in (off, np.flatnonzero(gap < 0)))
    drift = sum_by(place, gap, len(kinds))
    one_way = (down == wrong) | (down == 0)
    is_bias = one_way & (wrong >= 5) & (wrong * 100 >= total)
    first = np.full(len(kinds), np.inf)
    np.minimum.at(first, place[off], tax["first_line"].to_numpy()[off])
    return pd.DataFrame(
        {
            "tax_kind": kinds,
            "drift_minor": np.where(is_bias, drift, 0),
            "a_year_minor": np.where(is_bias, drift, 0) * DAYS_A_YEAR,
            "off": wrong,
            "groups": total,
            "first": np.where(wrong > 0, first, np.nan),
        }
    )


def _groups(tables: Tables, level: str, tax: LineTax) -> Ints:
    """The rounding group of each line: its receipt or its till's Z, and its tax kind."""
    owner = tables.lines.column("receipt_row").to_numpy().astype(np.int64)
    if level == "z":
        owner = _z_of_receipts(tables)[owner]
    group: Ints = owner * (len(tax.kinds) + 1) + tax.kind + 1
    return group


def _z_of_receipts(tables: Tables) -> Ints:
    """For each receipt a number of the Z that closed it; one more a till for those after its last Z."""
    tills = tables.receipts.column("till").cast(pa.string()).combine_chunks()
    at = tables.receipts.column("at").cast(pa.int64()).to_numpy()
    numbers = np.zeros(len(at), dtype=np.int64)
    begin = 0
    for till in sorted(tills.unique().to_pylist()):
        mine = pc.equal(tills, till).to_numpy(zero_copy_only=False)
        closes = tables.z.filter(pc.equal(tables.z.column("till").cast(pa.string()), till))
        ends: Any = np.sort(closes.column("at").cast(pa.int64()).to_numpy())
        numbers[mine] = begin + np.searchsorted(ends, at[mine], side="left")
        begin += len(ends) + 1
    return numbers
