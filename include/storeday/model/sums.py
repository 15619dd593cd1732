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
