"""What a change of the mapping would have moved on real store-days: row by row, and in all. Nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from storeday.config.mapping_changes import Blocks, changes_between
from storeday.config.mappings import MappingBlock, in_force
from storeday.config.settings import CompanySettings
from storeday.ledger.facts import StoreDayFact
from storeday.model.errors import StoredayError
from storeday.model.mapping_log import Effect, Moved
from storeday.model.postings import Amount, PostingKey, difference
from storeday.model.store_day import State
from storeday.postings.moves import DayMoves, Move, moves_of
from storeday.stages.open_day import OpenDay, lines_of
from storeday.stages.workplace import Workplace

DAYS: Final = 30
"""How many trading days a preview looks at, the newest that is posted and those before it."""


@dataclass(frozen=True)
class Preview:
    """What would have moved on all store-days of the last trading days."""

    first: date
    last: date
    days: tuple[DayMoves, ...]  # every store-day that was looked at
    too_many: int = 0  # older ones that were not

    @property
    def effect(self) -> Effect:
        """The same in all, as the log keeps it."""
        return Effect(
            first=self.first,
            last=self.last,
            store_days=sum(not day.but for day in self.days),
            moved=sum(bool(day.moves) for day in self.days),
            left_out=sum(bool(day.but) for day in self.days) + self.too_many,
            moves=tuple(_in_all(move for day in self.days for move in day.moves)),
        )


def preview(
    work: Workplace, company: CompanySettings, before: Blocks, after: Blocks, days: int = DAYS, most: int | None = None
) -> Preview | None:
    """What ``after`` in place of ``before`` would have moved on the company's posted store-days of the last days.

    A change that begins later is looked at as if it were in force on each of them. ``most`` limits the store-days,
    the newest first. None where nothing is posted yet.
    """
    posted = work.ledger.posted_days(company.company.code)
    if posted is None:
        return None
    first = posted[1] - timedelta(days=days - 1)
    facts = [
        fact
        for fact in work.ledger.store_days(first, posted[1])
        if fact.company == company.company.code and _is_posted(work, fact)
    ]
    looked_at = facts if most is None else facts[max(0, len(facts) - most) :]
    differs = max((change.first for change in changes_between(before, after)), default=None)
    return Preview(
        first=first,
        last=posted[1],
        days=tuple(_previewed(work, fact, before, after, differs) for fact in looked_at),
        too_many=len(facts) - len(looked_at),
    )


def _is_posted(work: Workplace, fact: StoreDayFact) -> bool:
    """Whether something of a store-day is ready, staged or in Sage, whatever holds it since."""
    if fact.state is State.READY or fact.state.is_staged:
        return True
    return fact.state is not State.ROLLED_BACK and bool(work.ledger.delivered(fact.store, fact.trading_day))


def _previewed(work: Workplace, fact: StoreDayFact, before: Blocks, after: Blocks, differs: date | None) -> DayMoves:
    store, day = fact.store, fact.trading_day
    if differs is None:
        return DayMoves(store, day, ())
    try:
        opened = OpenDay.of(work, store, day)
        was, now = (lines_of(opened.under(_as_of(blocks, day, differs)))[0] for blocks in (before, after))
    except (StoredayError, LookupError) as error:
        return DayMoves(store, day, (), str(error), can_be_staged=False)
    return DayMoves(store, day, tuple(moves_of(difference(now, was))))


def _as_of(blocks: Blocks, day: date, differs: date) -> Blocks:
    """The blocks as they are, where the change has begun by the day; else what will be in force, from ever on."""
    if differs <= day:
        return blocks
    will_be = in_force(blocks, differs)
    codes = {name: getattr(will_be, name) for name in MappingBlock.model_fields if name not in {"valid_from", "why"}}
    return (MappingBlock(valid_from=date.min, **codes),)


def _in_all(moves: Iterable[Move]) -> Iterable[Moved]:
    """Moves of all stores together, by role and accounts."""
    total: dict[tuple[str, str, str], Amount] = defaultdict(lambda: Amount(0, 0))
    roles = {}
    for move in moves:
        way = (move.role.value, _account(move.source), _account(move.target))
        roles[way] = move.role
        total[way] = Amount(total[way].net + move.amount.net, total[way].tax + move.amount.tax)
    return [Moved(roles[way], way[1], way[2], *total[way]) for way in sorted(total)]


def _account(key: PostingKey | None) -> str:
    if key is None:
        return ""
    where = key.account or key.nominal
    return f"{where} {key.tax_code}" if key.role.is_sale else where
