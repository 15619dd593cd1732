"""Whole-number arithmetic on arrays: rounding half up, sums by group. No float ever holds an amount."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def divide_half_up(dividend: Ints, divisor: Ints | int) -> Ints:
    """The quotient in whole numbers, halves rounded away from zero, so that a refund mirrors its sale.

    >>> divide_half_up(np.array([5, -5, 4, 14]), 10).tolist()
    [1, -1, 0, 1]
    """
    magnitude = np.floor_divide(2 * np.abs(dividend) + divisor, 2 * divisor)
    return np.where(dividend < 0, -magnitude, magnitude)


def tax_within(gross_minor: Ints, rate: Ints) -> Ints:
    """The tax that amounts including it hold, in minor units; ``rate`` in per cent.

    >>> tax_within(np.array([249, -249, 500]), np.array([20, 20, 0])).tolist()
    [42, -42, 0]
    """
    return divide_half_up(gross_minor * rate, 100 + rate)


def sums(amounts: Ints, group: Ints, groups: int) -> Ints:
    """The sum of the amounts of each group 0, 1, .. ``groups`` - 1; exact, unlike a weighted bincount."""
    totals = np.zeros(groups, np.int64)
    np.add.at(totals, group, amounts)
    return totals


def apportion(discount: Ints, prices: Ints) -> Ints:
    """Split each deal's discount over its lines by selling price; the parts sum to it exactly.

    ``discount`` has one amount a deal, ``prices`` a row a deal and a column a line, in minor units. What
    rounding down leaves over goes to the largest remainders, a unit each, in line order among equals.

    >>> apportion(np.array([100]), np.array([[360, 120, 120]])).tolist()
    [[60, 20, 20]]
    >>> apportion(np.array([100]), np.array([[100, 100, 100]])).tolist()
    [[34, 33, 33]]
    """
    total = prices.sum(axis=1)[:, None]
    parts, remainder = np.divmod(discount[:, None] * prices, total)
    left_over = discount - parts.sum(axis=1)
    by_remainder = np.argsort(-remainder, axis=1, kind="stable")
    rank = np.argsort(by_remainder, axis=1, kind="stable")
    return np.where(rank < left_over[:, None], parts + 1, parts)
