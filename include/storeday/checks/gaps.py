"""Running numbers of one till: which are missing, from the one after the last known number on.

Numbers may wrap at their width, and begin anew on a day that the settings name. One number that a till made up
may lie billions away, so gaps are kept as their ends and never written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from storeday.model.decisions import Gap
from storeday.model.sums import Ints

SHOWN = 5
"""How many missing numbers are told one by one."""


@dataclass(frozen=True)
class Run:
    """One till's running numbers of a day, receipts or Zs, in no order."""

    numbers: Ints
    width: int  # digits as written; 0 where there is none
    at: Ints  # microseconds since 1970


@dataclass(frozen=True)
class Missing:
    """The numbers that are in no file and that nobody accepted as missing."""

    count: int = 0
    let_go: int = 0  # those that somebody accepted
    first: str = ""  # the first of them, one by one
    ranges: str = ""  # all of them, as ends: 000007-000009, 000012-000012


def missing_numbers(run: Run, before: str | None, anew: str | None, accepted: Sequence[Gap]) -> Missing:
    """What is missing of a run after the number ``before``; ``anew`` is the number that the till began again with."""
    if not run.width:
        return Missing()
    wrap = 10**run.width
    let_go = np.array([(int(gap.first), int(gap.last)) for gap in accepted], dtype=np.int64).reshape(-1, 2)
    if anew is None:
        low, high = _gaps(run.numbers, before, wrap, let_go)
    else:
        begins = run.at[run.numbers == int(anew)]
        is_anew = run.at >= begins.min() if len(begins) else np.ones(len(run.at), dtype=bool)
        old = _gaps(run.numbers[~is_anew], before, wrap, let_go)
        new = _gaps(run.numbers[is_anew], str(int(anew) - 1), wrap, let_go)
        low, high = (np.concatenate(ends) for ends in zip(old, new, strict=True))

    def written(number: int) -> str:
        return f"{number % wrap:0{run.width}d}"

    first = [number for a, b in zip(low[:SHOWN], high[:SHOWN], strict=True) for number in range(a, b + 1)[:SHOWN]]
    count = int((high - low + 1).sum())
    return Missing(
        count=count,
        let_go=missing_numbers(run, before, anew, ()).count - count if accepted else 0,
        first=", ".join(written(number) for number in first[:SHOWN]),
        ranges=", ".join(f"{written(a)}-{written(b)}" for a, b in zip(low.tolist(), high.tolist(), strict=True)),
    )


def _gaps(numbers: Ints, before: str | None, wrap: int, let_go: Ints) -> tuple[Ints, Ints]:
    """The first and the last number of each gap; numbers past the wrap are beyond it."""
    here = np.unique(np.concatenate((numbers, np.array([int(before)] if before else [], dtype=np.int64))))
    if not len(here):
        return here, here
    if here[-1] - here[0] > wrap // 2:  # the counter went round: what is low came after what is high
        here = np.unique(np.where(here < wrap // 2, here + wrap, here))
        let_go = np.where(let_go < wrap // 2, let_go + wrap, let_go)
    let_go = np.clip(let_go, here[0], here[-1])
    starts, ends = (np.concatenate((here, side)) for side in (let_go[:, 0], let_go[:, 1]))
    order = np.argsort(starts, kind="stable")
    reach = np.maximum.accumulate(ends[order])
    low, high = reach[:-1] + 1, starts[order][1:] - 1
    is_gap = high >= low
    return low[is_gap], high[is_gap]
