"""Findings of a statement as differences, to be kept until a later statement settles them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from storeday.model.differences import Difference, DifferenceKind
from storeday.reconcile.bank import FINDINGS, Outcome, Settled
from storeday.reconcile.bank_words import WHAT_NOW, about, name_of

_KINDS: Final = {
    Outcome.NOT_COME: DifferenceKind.DEPOSIT_NOT_COME,
    Outcome.SHORT: DifferenceKind.DEPOSIT_SHORT,
    Outcome.LONG: DifferenceKind.DEPOSIT_LONG,
    Outcome.TAKEN_BACK: DifferenceKind.TAKEN_BACK,
    Outcome.NOT_EXPECTED: DifferenceKind.NOT_EXPECTED,
}


def differences_of(settled: Settled, company: str) -> tuple[Difference, ...]:
    """Every finding as a difference, of the first trading day of a deposit, or of the day on which a line came."""
    found, times = [], Counter[tuple[Any, ...]]()
    for row in settled.of(*FINDINGS).to_pylist():
        outcome = Outcome(row["outcome"])
        is_line = row["deposits"] == 0
        what = str(row["text"])[:100] if is_line else f"{name_of(row)}, due {row['due']:%d %b %Y}"
        key = (outcome, row["store"], row["came_on"], row["came_minor"], what)
        times[key] += 1
        found.append(
            Difference(
                company=company,
                kind=_KINDS[outcome],
                store=row["store"] or None,
                trading_day=row["came_on"] if is_line else row["first_day"],
                ours_minor=_ours(row),
                sage_minor=row["came_minor"],
                what=what if times[key] == 1 else f"{what} ({times[key]})",
                reason="" if is_line else about(row),
                what_now=WHAT_NOW[outcome],
                reference=_reference(settled.statement, row["deposit"]),
                nominal=row["nominal"],
            )
        )
    return tuple(found)


def left_alone(open_ones: Iterable[Difference], settled: Settled) -> tuple[Difference, ...]:
    """The open differences that a statement says nothing of: another statement's, and those of days it can't show.

    A deposit that did not come is open until it comes or is given up. Anything else is told by one statement, and open
    until the next one.
    """
    seen = [row for row in settled.outcomes.to_pylist() if row["deposits"]]
    return tuple(difference for difference in open_ones if not _is_settled(difference, settled, seen))


def _is_settled(difference: Difference, settled: Settled, seen: list[dict[str, Any]]) -> bool:
    statement, _, deposit = difference.reference.partition(" ")
    day = difference.trading_day
    if statement != settled.statement or day is None or settled.last is None:
        return False
    if difference.kind is not DifferenceKind.DEPOSIT_NOT_COME:
        return day <= settled.last
    mine = [row for row in seen if (row["store"], row["deposit"]) == (difference.store or "", deposit)]
    return any(row["first_day"] <= day <= row["last_day"] for row in mine)


def _ours(row: dict[str, Any]) -> int:
    """What should have come: of a deposit that did not, all of it; of a line that nobody expected, nothing."""
    match Outcome(row["outcome"]):
        case Outcome.NOT_COME:
            return int(row["gross_minor"])
        case Outcome.SHORT | Outcome.LONG:
            return int(row["came_minor"] - row["off_minor"])
        case _:
            return 0


def _reference(statement: str, deposit: str) -> str:
    return f"{statement} {deposit}".rstrip()
