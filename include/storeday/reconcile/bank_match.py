"""Which lines of a statement are which deposits: by amount and day, each line and each deposit at most once.

Ways are tried one after the other, the surest first. Within a way the pair whose days are nearest goes first, then the
older deposit, then the earlier line (by day alone, single deposits before several); so the same tables give the same
matches. Source: docs/bank.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from storeday.config.bank import Deposit
from storeday.model.sums import round_half_up
from storeday.reconcile.bank_pools import Pools, Stream

_WHOLE: Final = 1_000_000


class Way(StrEnum):
    """How a line was known."""

    STATED = "gross as the statement says it"  # paid and kept back together are the deposit
    AGREED = "less the fee"
    GROSS = "in full"
    NEAR = "by day"  # of no other deposit, and near enough


class Match(NamedTuple):
    """Some deposits (rows of EXPECTED) and some lines (rows of LINES) that are the same money."""

    way: Way
    deposits: tuple[int, ...]
    lines: tuple[int, ...]


@dataclass(frozen=True)
class _Shape:
    """How many deposits of one store, following each other, are paid in how many lines."""

    deposits: int
    lines: int


class _Candidates(NamedTuple):
    """Runs of deposits and runs of lines that could be each other, a pair a row."""

    deposits: Any
    lines: Any
    off: Any  # by how much what was kept back is not what may be


@dataclass(frozen=True)
class _Runs:
    """Deposits or lines that follow each other, a run of so many from each place on."""

    first: Any  # the day of the first one: due, or when it came
    last: Any
    amount: Any  # gross, or what came
    low: Any  # kept back at least; of lines as they state it, or -1
    high: Any
    within: Any  # the rounding allowed; of lines none


def match_lines(
    expected: pd.DataFrame, lines: pd.DataFrame, deposits: tuple[Deposit, ...], pools: Pools
) -> list[Match]:
    """The matches, in order of their first deposit. ``expected`` is EXPECTED, ``lines`` LINES, with the pools of it."""
    return sorted(_Matching(expected, lines, deposits, pools).run(), key=lambda match: match.deposits)


class _Matching:
    """One statement being matched: what is left of deposits and lines."""

    def __init__(self, expected: pd.DataFrame, lines: pd.DataFrame, deposits: tuple[Deposit, ...], pools: Pools):
        self.expected = {name: expected[name].to_numpy() for name in expected.columns[2:]}
        self.lines = {name: lines[name].to_numpy() for name in ("day", "amount_minor", "fee_minor", "has_fee")}
        self.terms = {deposit.name: deposit for deposit in deposits}
        by_stream: Any = expected.groupby(["deposit", "store"]).indices
        self.streams: dict[Stream, Any] = {key: np.sort(rows) for key, rows in by_stream.items()}
        self.pools = pools
        self.in_pool = [np.flatnonzero(pools.of_line == place) for place in range(len(pools.streams))]
        self.is_left = np.ones(len(expected), dtype=bool)
        self.is_free = np.ones(len(lines), dtype=bool)

    def run(self) -> Iterator[Match]:
        """Each way over what the ways before it left."""
        most_days = max((terms.days_in_one for terms in self.terms.values()), default=1)
        most_lines = max((terms.lines_for_one for terms in self.terms.values()), default=1)
        one, sure = _Shape(1, 1), (Way.STATED, Way.AGREED, Way.GROSS)
        days = [_Shape(count, 1) for count in range(2, most_days + 1)]
        parts = [_Shape(1, count) for count in range(2, most_lines + 1)]
        for shape in (one, *days, *parts):
            for way in sure:
                yield from self._take(way, shape)
        yield from self._take(Way.NEAR, one, *days)

    def _take(self, way: Way, *shapes: _Shape) -> Iterator[Match]:
        """The matches of one way and some shapes, of all pools together."""
        found = [part for shape in shapes for part in self._candidates(way, shape) if len(part.off)]
        if not found:
            return
        off = np.concatenate([part.off for part in found])
        deposits, lines = _stacked([part.deposits for part in found]), _stacked([part.lines for part in found])
        away = abs(self.lines["day"][lines.max(axis=1)] - self.expected["due"][deposits.max(axis=1)])
        days = (deposits >= 0).sum(axis=1) > 1
        order = np.lexsort((lines[:, 0], deposits[:, 0], self.expected["first_day"][deposits[:, 0]], off, away, days))
        for padded in zip(deposits[order], lines[order], strict=True):
            mine, theirs = (rows[rows >= 0] for rows in padded)
            if self.is_left[mine].all() and self.is_free[theirs].all():
                self.is_left[mine], self.is_free[theirs] = False, False
                yield Match(way, tuple(mine.tolist()), tuple(theirs.tolist()))

    def _candidates(self, way: Way, shape: _Shape) -> Iterator[_Candidates]:
        """What could be each other, pool by pool and deposit by deposit."""
        for streams, members in zip(self.pools.streams, self.in_pool, strict=True):
            free = members[self.is_free[members]]
            if len(free) < shape.lines or (way is Way.NEAR and len(streams) != 1):
                continue  # what could be of several stores is no store's by its day alone
            for stream in streams:
                terms, rows = self.terms[stream[0]], self.streams.get(stream, np.zeros(0, dtype=np.int64))
                left = rows[self.is_left[rows]]
                if (
                    len(left) < shape.deposits
                    or shape.deposits > terms.days_in_one
                    or shape.lines > terms.lines_for_one
                ):
                    continue
                mine, theirs = self._deposit_runs(left, shape.deposits), self._line_runs(free, shape.lines)
                ours, came = _within(mine, theirs, terms)
                kept = mine.amount[ours] - theirs.amount[came]
                off = np.maximum(np.maximum(mine.low[ours] - kept, kept - mine.high[ours]), 0)
                fits = _fit(
                    way, mine.amount[ours], theirs.amount[came], theirs.low[came], off - mine.within[ours], terms
                )
                yield _Candidates(
                    _members(left, ours[fits], shape.deposits), _members(free, came[fits], shape.lines), off[fits]
                )

    def _deposit_runs(self, rows: Any, size: int) -> _Runs:
        column = {name: values[rows] for name, values in self.expected.items()}
        once = column["per_deposit_minor"]
        again = _sums(once, size) - np.lib.stride_tricks.sliding_window_view(once, size).max(axis=1)
        return _Runs(  # a fee that is kept back once of a deposit may be kept back once of all, or of each
            column["due"][: len(rows) - size + 1],
            column["due"][size - 1 :],
            _sums(column["gross_minor"], size),
            _sums(column["fee_low_minor"], size) - again,
            _sums(column["fee_high_minor"], size),
            _sums(column["within_minor"], size),
        )

    def _line_runs(self, rows: Any, size: int) -> _Runs:
        column = {name: values[rows] for name, values in self.lines.items()}
        fee = np.where(_sums(column["has_fee"].astype(np.int64), size) == size, _sums(column["fee_minor"], size), -1)
        day = column["day"]
        return _Runs(day[: len(rows) - size + 1], day[size - 1 :], _sums(column["amount_minor"], size), fee, fee, 0)


def _sums(values: Any, size: int) -> Any:
    """The sum of each run of so many values."""
    running = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(values, dtype=np.int64)))
    return running[size:] - running[:-size]


def _members(rows: Any, starts: Any, size: int) -> Any:
    return rows[starts[:, None] + np.arange(size)]


def _within(mine: _Runs, theirs: _Runs, terms: Deposit) -> tuple[Any, Any]:
    """Every run of deposits with every run of lines that came when it is looked for, and that is no wider than that."""
    early, late = terms.settlement.early, terms.settlement.late
    begin = np.searchsorted(theirs.first, mine.first - early, side="left")
    end = np.searchsorted(theirs.last, mine.last + late, side="right")
    width = early + late + terms.days_in_one
    count = np.where(mine.last - mine.first <= width, np.maximum(end - begin, 0), 0)
    ours = np.repeat(np.arange(len(count)), count)
    came = np.arange(len(ours)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(begin, count)
    return ours, came


def _fit(way: Way, gross: Any, net: Any, stated: Any, off: Any, terms: Deposit) -> Any:
    """Which pairs a way takes; ``off`` is by how much more than rounding what was kept back is not what may be."""
    match way:
        case Way.STATED:
            return (stated >= 0) & (net + stated == gross)
        case Way.AGREED:
            return off <= 0
        case Way.GROSS:
            return net == gross
        case Way.NEAR:
            slack = round_half_up(np.abs(gross) * terms.short_percent, _WHOLE)
            return (off <= slack) & (np.sign(gross) == np.sign(net))


def _stacked(parts: list[Any]) -> Any:
    """Arrays of rows as one, the shorter rows with -1 after them."""
    width = max(part.shape[1] for part in parts)
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=-1) for part in parts])
