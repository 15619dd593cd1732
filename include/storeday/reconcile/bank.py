"""What became of every deposit and of every line of a statement, with the proof that no penny is lost between them.

Every deposit that is due up to the statement's last day is matched, not come or may still come; every line is matched,
not expected, taken back or none of ours. There is no line for a rest. Source: docs/bank.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.config.bank import BankSettings, Deposit
from storeday.model.errors import StoredayError
from storeday.model.money import money
from storeday.model.sums import sum_by
from storeday.reconcile.bank_expected import day_number, day_of_number, expected_deposits
from storeday.reconcile.bank_match import Match, match_lines
from storeday.reconcile.bank_pools import NOBODYS, Pools, pools_of


class Outcome(StrEnum):
    """What became of some money, in the order of the report."""

    NOT_COME = "not come"
    SHORT = "came short"  # more was kept back than may be
    LONG = "came long"  # less was kept back than agreed, or more came than was taken
    TAKEN_BACK = "taken back"  # out of the bank and not expected: a chargeback, a fee by itself
    NOT_EXPECTED = "not expected"
    GIVEN_UP = "given up"  # a person knows why it does not come, and says so in the settings
    MAY_COME = "may still come"  # within its days after the statement ends
    AS_AGREED = "as agreed"
    NOT_OURS = "not ours"  # the settings don't speak of such lines


FINDINGS: Final = frozenset({Outcome.NOT_COME, Outcome.SHORT, Outcome.LONG, Outcome.TAKEN_BACK, Outcome.NOT_EXPECTED})
"""Outcomes that want a person."""

NO_DAY: Final = -1
_DAY: Final = pa.date32()
OUTCOMES: Final = pa.schema(
    [
        ("outcome", pa.string()),
        ("way", pa.string()),  # how a line was known; empty where nothing was matched
        ("deposit", pa.string()),
        ("store", pa.string()),  # empty: all stores, or nobody knows
        ("nominal", pa.string()),  # the bank nominal that it lands on
        ("first_day", _DAY),  # trading days
        ("last_day", _DAY),
        ("due", _DAY),
        ("came_on", _DAY),
        ("overdue_days", pa.int64()),  # seen from the statement's last day
        ("deposits", pa.int64()),
        ("lines", pa.int64()),
        ("file", pa.string()),  # of the first of its lines
        ("line", pa.int64()),
        ("text", pa.string()),
        ("gross_minor", pa.int64()),  # expected, before anything is kept back
        ("came_minor", pa.int64()),
        ("kept_minor", pa.int64()),  # gross less came, of what is matched
        ("fee_low_minor", pa.int64()),  # what may be kept back, at least and at most
        ("fee_high_minor", pa.int64()),
        ("off_minor", pa.int64()),  # came short (below zero) or long, against that; within rounding it is as agreed
    ]
)
"""One row a match, or a deposit or line that has none. Amounts are signed minor units."""


class SumsDiffer(StoredayError):
    """A fault of ours: deposits and lines do not add up to what became of them."""


@dataclass(frozen=True)
class Settled:
    """A statement held to what was expected; ``outcomes`` is OUTCOMES, the worst first."""

    statement: str
    first: date | None  # of the statement's lines; None where it has none
    last: date | None
    outcomes: pa.Table
    expected_minor: int  # deposits due up to the statement's end, before anything is kept back
    came_minor: int  # all lines
    earlier: tuple[
        tuple[str, str, date], ...
    ]  # deposit, store and trading day of what was due before it and is not in it

    def of(self, *outcomes: Outcome) -> pa.Table:
        """The rows of some outcomes."""
        wanted = pa.array([str(outcome) for outcome in outcomes])
        return self.outcomes.filter(pc.is_in(self.outcomes.column("outcome"), wanted))

    def sum(self, column: str, *outcomes: Outcome) -> int:
        """The sum of a column of amounts, over some outcomes."""
        return int(pc.sum(self.of(*outcomes).column(column)).as_py() or 0)

    @property
    def findings(self) -> int:
        """How many rows want a person."""
        return int(self.of(*FINDINGS).num_rows)


def settle_statement(taken: pd.DataFrame, lines: pd.DataFrame, bank: BankSettings, statement: str) -> Settled:
    """Hold a statement (LINES) to what store-days took (TAKEN of bank_expected).

    What was due before the statement's first day and is not in it belongs to an earlier statement, and is ``earlier``.
    Raises: SumsDiffer.
    """
    deposits = bank.deposits_on(statement)
    if not len(lines):
        return Settled(statement, None, None, OUTCOMES.empty_table(), 0, 0, ())
    first, last = int(lines["day"].iloc[0]), int(lines["day"].iloc[-1])
    expected = _in_reach(expected_deposits(taken, bank, statement), deposits, first, last)
    stores = {deposit.name: _stores_of(deposit, expected) for deposit in deposits}
    pools = pools_of(lines, bank.statements[statement], deposits, stores)
    matches = match_lines(expected, lines, deposits, pools)
    matched = {row for match in matches for row in match.deposits}
    alone = np.array([row for row in range(len(expected)) if row not in matched], dtype=np.int64)
    before = alone[expected["due"].to_numpy()[alone] < first]
    rows = [
        _matched(matches, expected, lines),
        _not_come(expected.iloc[np.setdiff1d(alone, before)], bank, last),
        _not_expected(lines, matches, pools),
    ]
    settled = Settled(
        statement,
        day_of_number(first),
        day_of_number(last),
        _as_table(pd.concat([_whole(part) for part in rows], ignore_index=True), deposits),
        expected_minor=int(expected["gross_minor"].sum()) - int(expected["gross_minor"].to_numpy()[before].sum()),
        came_minor=int(lines["amount_minor"].sum()),
        earlier=tuple(
            (str(deposit), str(store), day_of_number(day))
            for deposit, store, day in expected.iloc[before][["deposit", "store", "first_day"]].itertuples(index=False)
        ),
    )
    prove(settled)
    return settled


def prove(settled: Settled) -> None:
    """Every penny is in exactly one outcome. Raises: SumsDiffer with both sides."""
    kept = settled.sum("kept_minor", *Outcome)
    gross, came = settled.sum("gross_minor", *Outcome), settled.sum("came_minor", *Outcome)
    alone = settled.sum("gross_minor", Outcome.NOT_COME, Outcome.GIVEN_UP, Outcome.MAY_COME)
    beside = settled.sum("came_minor", Outcome.TAKEN_BACK, Outcome.NOT_EXPECTED, Outcome.NOT_OURS)
    for what, ours, theirs in (
        ("deposits", settled.expected_minor, gross),
        ("lines", settled.came_minor, came),
        ("matched deposits less what was kept back", gross - alone - kept, came - beside),
    ):
        if ours != theirs:
            raise SumsDiffer(f"{settled.statement}: {what} are {money(ours)}, their outcomes {money(theirs)}")


def _in_reach(expected: pd.DataFrame, deposits: tuple[Deposit, ...], first: int, last: int) -> pd.DataFrame:
    """The deposits that a statement of these days can hold, or should."""
    early = {deposit.name: deposit.settlement.early for deposit in deposits}
    late = {deposit.name: deposit.settlement.late for deposit in deposits}
    begins = first - expected["deposit"].map(late).astype("int64")
    ends = last + expected["deposit"].map(early).astype("int64")
    return expected.loc[(expected["due"] >= begins) & (expected["due"] <= ends)].reset_index(drop=True)


def _stores_of(deposit: Deposit, expected: pd.DataFrame) -> tuple[str, ...]:
    """The stores that a deposit can be of: those with something due, and those whose merchant is known."""
    if deposit.paid == "company":
        return ("",)
    return tuple(sorted({*expected.loc[expected["deposit"] == deposit.name, "store"], *deposit.merchants}))


def _matched(matches: list[Match], expected: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """A row a match: sums over its deposits and lines."""
    count = len(matches)
    ours, mine = _members([match.deposits for match in matches])
    theirs, came = _members([match.lines for match in matches])
    first, last = (np.array([match.deposits[end] for match in matches], dtype=np.int64) for end in (0, -1))
    line, last_line = (np.array([match.lines[end] for match in matches], dtype=np.int64) for end in (0, -1))
    column = {name: expected[name].to_numpy() for name in expected.columns}
    amounts = ("gross_minor", "fee_low_minor", "fee_high_minor", "within_minor")
    gross, low, high, within = (sum_by(mine, column[name][ours], count) for name in amounts)
    once = column["per_deposit_minor"]
    most = np.array([once[list(match.deposits)].max() for match in matches], dtype=np.int64)
    low = low - sum_by(mine, once[ours], count) + most
    net = sum_by(came, lines["amount_minor"].to_numpy()[theirs], count)
    kept = gross - net
    off = np.where(kept > high, high - kept, np.where(kept < low, low - kept, 0))
    beyond = np.where(off < 0, Outcome.SHORT.value, Outcome.LONG.value)
    outcome = np.where(np.abs(off) > within, beyond, Outcome.AS_AGREED.value)
    found = pd.DataFrame({"outcome": outcome, "way": [match.way.value for match in matches]})
    for name in ("deposit", "store", "first_day", "due"):
        found[name] = column[name][first]
    found["last_day"], found["due"] = column["last_day"][last], column["due"][last]
    found["came_on"] = lines["day"].to_numpy()[last_line]
    found["deposits"] = np.bincount(mine, minlength=count)
    found["lines"] = np.bincount(came, minlength=count)
    for name in ("file", "line", "text"):
        found[name] = lines[name].to_numpy()[line]
    return found.assign(
        gross_minor=gross, came_minor=net, kept_minor=kept, fee_low_minor=low, fee_high_minor=high, off_minor=off
    )


def _members(runs: list[tuple[int, ...]]) -> tuple[Any, Any]:
    """The rows of all runs, one after the other, and the run of each."""
    rows = np.array([row for run in runs for row in run], dtype=np.int64)
    return rows, np.repeat(np.arange(len(runs)), [len(run) for run in runs]).astype(np.int64)


def _not_come(alone: pd.DataFrame, bank: BankSettings, last: int) -> pd.DataFrame:
    late = alone["deposit"].map({each.name: each.settlement.late for each in bank.deposits}).astype("int64")
    is_late = (alone["due"] + late <= last).to_numpy()
    given_up = {(each.deposit, each.store or "", day_number(each.day)) for each in bank.given_up}
    is_given_up = [key in given_up for key in zip(alone["deposit"], alone["store"], alone["first_day"], strict=True)]
    outcome = np.where(is_late, Outcome.NOT_COME.value, Outcome.MAY_COME.value)
    return alone.assign(
        outcome=np.where(np.array(is_given_up, dtype=bool), Outcome.GIVEN_UP.value, outcome),
        overdue_days=np.where(is_late, last - alone["due"].to_numpy(), 0),
        deposits=1,
    )


def _not_expected(lines: pd.DataFrame, matches: list[Match], pools: Pools) -> pd.DataFrame:
    """Lines that are no deposit; where they can be of one store only, under that."""
    free = np.ones(len(lines), dtype=bool)
    free[[row for match in matches for row in match.lines]] = False
    amount, nobodys = lines["amount_minor"].to_numpy(), pools.of_line == NOBODYS
    unexpected = np.where(amount < 0, Outcome.TAKEN_BACK.value, Outcome.NOT_EXPECTED.value)
    known = [streams[0] if len(streams) == 1 else ("", "") for streams in (*pools.streams, ())]  # the last: NOBODYS
    alone = lines.assign(
        outcome=np.where(nobodys, Outcome.NOT_OURS.value, unexpected),
        deposit=[known[place][0] for place in pools.of_line],
        store=[known[place][1] for place in pools.of_line],
        came_on=lines["day"],
        came_minor=amount,
        lines=1,
    )
    return alone.loc[free].drop(columns=["day", "amount_minor", "fee_minor", "has_fee"])


def _whole(part: pd.DataFrame) -> pd.DataFrame:
    """A part with every column of OUTCOMES: text that is not said is empty, amounts and counts that are not are 0.

    Whole numbers stay whole numbers: no column is without a value, and no day is NO_DAY.
    """
    empty: dict[Any, str | int] = {pa.string(): "", _DAY: NO_DAY, pa.int64(): 0}
    whole = part.copy()
    for field in OUTCOMES:
        if field.name not in whole:
            whole[field.name] = empty[field.type]
    return whole.loc[:, list(OUTCOMES.names)]


def _as_table(rows: pd.DataFrame, deposits: tuple[Deposit, ...]) -> pa.Table:
    """OUTCOMES, the worst first, each by day and store."""
    nominals = {deposit.name: deposit.lands_on for deposit in deposits}
    rows = rows.assign(nominal=rows["deposit"].map(lambda name: nominals.get(name, "")))
    place = rows["outcome"].map({outcome.value: number for number, outcome in enumerate(Outcome)})
    day = rows["due"].where(rows["due"] != NO_DAY, rows["came_on"])
    order = rows.assign(place=place, day=day).sort_values(
        ["place", "day", "deposit", "store", "first_day", "file", "line"], kind="stable"
    )
    return pa.table([_column(order[field.name], field.type) for field in OUTCOMES], schema=OUTCOMES)


def _column(values: pd.Series[Any], kind: pa.DataType) -> pa.Array:
    if kind != _DAY:
        return pa.array(values, kind)
    return pa.array(values.to_numpy(dtype=np.int32), pa.int32(), mask=(values == NO_DAY).to_numpy()).view(kind)
