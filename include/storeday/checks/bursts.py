"""Bursts: one basket rung up several times within seconds, as a till that sends a sale again and again makes them.

Each has a number of its own, so each is a receipt of its own and is posted; two alike are everyday life. Source:
retail rules, complaint 12 (the same receipt again with consecutive numbers, under load or after a re-sync).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.checks.duplicates import row_digests
from storeday.model.sums import Ints, sum_by
from storeday.model.tables import REFUND, SALE, Tables


def burst_sizes(tables: Tables, receipts: int, seconds: int) -> Ints:
    """For each receipt: how many of its till, amount and lines came within ``seconds`` of each other; else 0.

    Fewer than ``receipts`` of them are no burst.
    """
    till = tables.receipts.column("till").combine_chunks().indices.to_numpy()
    gross = tables.receipts.column("gross_minor").to_numpy()
    at = tables.receipts.column("at").cast(pa.int64()).to_numpy()
    kind = tables.receipts.column("kind").cast(pa.string())
    with_money = np.flatnonzero(pc.is_in(kind, pa.array([SALE, REFUND])).to_numpy())
    alike = with_money[_chains((till, gross), at, with_money, seconds) >= receipts]
    sizes = np.zeros(tables.receipts.num_rows, dtype=np.int64)
    if not len(alike):  # as on most days: no line needs to be looked at
        return sizes
    lines = tables.lines.filter(pc.is_in(tables.lines.column("receipt_row"), pa.array(alike, pa.int32())))
    basket = sum_by(lines.column("receipt_row").to_numpy(), row_digests(lines), len(sizes))
    found = _chains((till, gross, basket), at, alike, seconds)
    sizes[alike] = np.where(found >= receipts, found, 0)
    return sizes


def _chains(same: tuple[Any, ...], at: Ints, rows: Any, seconds: int) -> Ints:
    """How long a chain each row is in: rows equal in ``same``, each at most ``seconds`` after the one before."""
    columns = [column[rows] for column in same]
    order = np.lexsort((at[rows], *columns))
    follows = np.diff(at[rows][order]) <= seconds * 1_000_000
    for column in columns:
        follows &= column[order][1:] == column[order][:-1]
    chain = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(~follows)))[: len(rows)]
    lengths: Ints = np.zeros(len(rows), dtype=np.int64)
    lengths[order] = np.bincount(chain)[chain] if len(rows) else 0
    return lengths
