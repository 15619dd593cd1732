"""A difference in posting lines as moves: from which account to which, and how much.

Source: docs/postings.md, "The one idea".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from storeday.model.postings import Amount, Lines, PostingKey, Role

Side = list[tuple[PostingKey, Amount]]


@dataclass(frozen=True)
class Move:
    """An amount that leaves one account for another of the same role; what only comes or only goes has one side."""

    role: Role
    source: PostingKey | None
    target: PostingKey | None
    amount: Amount


@dataclass(frozen=True)
class DayMoves:
    """What would move on one store-day; ``but`` says why it can't, or what else comes with it."""

    store: str
    trading_day: date
    moves: tuple[Move, ...]
    but: str = ""
    can_be_staged: bool = True


def moves_of(difference: Lines) -> list[Move]:
    """What a difference does, role by role. Amounts are what the target gains or, without one, the source loses.

    What leaves one account exactly as it comes to another is one move; so is each part where one account's
    amount goes to several, or several come together in one. Nothing else is paired: which part went where is
    not known then.
    """
    found: list[Move] = []
    for role, lines in groupby(sorted(difference.items()), key=lambda line: line[0].role):
        leaving: Side = []
        coming: Side = []
        for key, amount in lines:
            if (amount.gross, amount.net) < (0, 0):
                leaving.append((key, Amount(-amount.net, -amount.tax)))
            else:
                coming.append((key, amount))
        found += _paired(role, leaving, coming)
    return found


def _paired(role: Role, leaving: Side, coming: Side) -> Iterator[Move]:
    for source, amount in list(leaving):
        same = next((target for target, gained in coming if gained == amount), None)
        if same is not None:
            leaving.remove((source, amount))
            coming.remove((same, amount))
            yield Move(role, source, same, amount)
    if _total(leaving) == _total(coming):
        if len(leaving) == 1:
            yield from (Move(role, leaving[0][0], target, amount) for target, amount in coming)
            return
        if len(coming) == 1:
            yield from (Move(role, source, coming[0][0], amount) for source, amount in leaving)
            return
    yield from (Move(role, source, None, amount) for source, amount in leaving)
    yield from (Move(role, None, target, amount) for target, amount in coming)


def _total(side: Side) -> Amount:
    return Amount(sum(amount.net for _, amount in side), sum(amount.tax for _, amount in side))
