"""Exact sums over tables: 64-bit integers, never the floats that a weighted count would make."""

from __future__ import annotations

from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]


def sum_by(rows: Any, values: Any, size: int) -> Ints:
    """The sum of ``values`` for each of the groups 0 to size - 1 that ``rows`` names; a group may be empty.

    >>> sum_by([0, 0, 2], [5, 7, -1], 3).tolist()
    [12, 0, -1]
    """
    rows, values = np.asarray(rows), np.asarray(values, dtype=np.int64)
    if len(rows) > 1 and bool((np.diff(rows) < 0).any()):
        order = np.argsort(rows, kind="stable")
        rows, values = rows[order], values[order]
    running = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(values)))
    ends = np.searchsorted(rows, np.arange(size), side="right")
    starts = np.concatenate((np.zeros(1, dtype=ends.dtype), ends[:-1])) if size else ends
    if size:
        starts[0] = np.searchsorted(rows, 0, side="left")
    sums: Ints = running[ends] - running[starts]
    return sums


def round_half_up(numerator: Any, denominator: int) -> Ints:
    """numerator / denominator to whole units, a half away from zero, in integers only.

    Source: retail rules, H3 (half a penny or more goes up).

    >>> round_half_up(np.array([5, -5, 4]), 10).tolist()
    [1, -1, 0]
    """
    numerator = np.asarray(numerator, dtype=np.int64)
    rounded: Ints = np.sign(numerator) * ((2 * np.abs(numerator) + denominator) // (2 * denominator))
    return rounded


def apportion(totals: Any, shares: Any, groups: Any) -> Ints:
    """Split each group's total over its rows in proportion to their shares, to the unit.

    ``totals`` has one amount a group, ``shares`` one a row (not negative), ``groups`` the group of each row. The
    parts of a group sum to its total exactly: what rounding leaves over goes to the rows with the largest remainders,
    a unit each, in the order of rows. A group without rows, or whose shares are all nothing, gets nothing.
    Source: retail rules, mixed-rate deals (selling-price basis).

    >>> apportion([-100, 10], [360, 240, 1, 1, 1], [0, 0, 1, 1, 1]).tolist()
    [-60, -40, 4, 3, 3]
    """
    totals, shares, groups = (np.asarray(each, dtype=np.int64) for each in (totals, shares, groups))
    wholes = sum_by(groups, shares, len(totals))
    whole, total = np.maximum(wholes[groups], 1), np.where(wholes > 0, np.abs(totals), 0)
    exact = total[groups].astype(object) * shares if _may_overflow(total, shares) else total[groups] * shares
    parts, remainders = (np.asarray(each, dtype=np.int64) for each in (exact // whole, exact % whole))
    left = total - sum_by(groups, parts, len(totals))
    order = np.lexsort((np.arange(len(groups)), -remainders, groups))
    starts = np.searchsorted(groups[order], np.arange(len(totals)))
    place = np.empty(len(groups), dtype=np.int64)
    place[order] = np.arange(len(groups)) - starts[groups[order]]
    signed: Ints = np.sign(totals)[groups] * (parts + (place < left[groups]))
    return signed


def _may_overflow(totals: Ints, shares: Ints) -> bool:
    """Whether a product leaves 64 bits: then Python's own integers do it."""
    return bool(len(totals) and len(shares)) and int(totals.max()) * int(shares.max()) > 2**62
