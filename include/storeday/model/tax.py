"""Tax within a price: what a rate gives, at the level and by the rule that a store's tills round.

All amounts in minor units, rates in basis points (20 % is 2000). Source: retail rules, H1 (rounding up and down to
the penny, or truncation at no fewer than six decimals) and H3 (half a penny or more goes up).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from storeday.model.sums import Ints, round_half_up, sum_by

UNMAPPED: Final = -1
_TEN_THOUSANDTHS: Final = 10_000
"""Six decimals of a pound are four decimals of a penny."""


class TaxKind(NamedTuple):
    """One of Sage's tax codes with the rate it stood for when a line was sold.

    ``detail`` says the rate in words where it is not the one of the trading day's own mapping, else nothing.
    """

    code: str
    rate_bp: int
    detail: str


@dataclass(frozen=True)
class LineTax:
    """The tax kind of each line: ``kind`` indexes ``kinds``, UNMAPPED where the line's class is not mapped."""

    kinds: tuple[TaxKind, ...]
    kind: Ints

    @property
    def rates_bp(self) -> Ints:
        """The rate of each line; UNMAPPED where there is none."""
        return np.array([*(kind.rate_bp for kind in self.kinds), UNMAPPED], dtype=np.int64)[self.kind]


def tax_within(gross_minor: Any, rate_bp: Any) -> Ints:
    """The tax within each gross amount, half a unit away from zero.

    >>> tax_within(np.array([249, -249, 99]), 2000).tolist()
    [42, -42, 17]
    """
    numerator, denominator = _exact(gross_minor, rate_bp)
    rounded: Ints = np.sign(numerator) * ((2 * np.abs(numerator) + denominator) // (2 * denominator))
    return rounded


def tax_of_groups(gross_minor: Any, rate_bp: Any, group: Any, size: int, *, cut_at_six_decimals: bool) -> Ints:
    """The tax of groups of lines that are rounded together; all lines of a group have one rate.

    Rounded to the unit once a group, half a unit away from zero: the group's gross, or each line's tax cut at six
    decimals of the currency and then added up.

    >>> lines, rate, one = np.array([99, 99, 99]), np.array([2000] * 3), np.zeros(3, dtype=np.int64)
    >>> tax_of_groups(lines, rate, one, 1, cut_at_six_decimals=False).tolist()  # 2.97 / 6 = 0.495
    [50]
    """
    if cut_at_six_decimals:
        numerator, denominator = _exact(gross_minor, rate_bp)
        cut = np.sign(numerator) * (np.abs(numerator) * _TEN_THOUSANDTHS // denominator)
        return round_half_up(sum_by(group, cut, size), _TEN_THOUSANDTHS)
    rates = np.zeros(size, dtype=np.int64)
    rates[np.asarray(group)] = rate_bp
    return tax_within(sum_by(group, gross_minor, size), rates)


def _exact(gross_minor: Any, rate_bp: Any) -> tuple[Any, Any]:
    """Numerator and denominator of the tax within a gross amount."""
    rate = np.asarray(rate_bp, dtype=np.int64)
    return np.asarray(gross_minor, dtype=np.int64) * rate, 10_000 + rate
