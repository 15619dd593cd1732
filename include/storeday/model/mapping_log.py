"""The log of a company's mappings: each version that was accepted, what it changed in words, what that moves in money.

Source: docs/mappings.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from storeday.model.money import money
from storeday.model.postings import Role

FIRST_WHY = "the mapping that was in use when the log began"


class Moved(NamedTuple):
    """An amount that goes from one account to another of the same role; one side is empty where nobody can say."""

    role: Role
    source: str  # nominal or customer, and tax code: 4000 T1
    target: str
    net_minor: int
    tax_minor: int

    @property
    def words(self) -> str:
        """On one line, money as money."""
        way = f"{self.source or 'nothing'} to {self.target or 'nothing'}"
        tax = f", tax {money(self.tax_minor)}" if self.role.is_sale else ""
        return f"{self.role.value.replace('_', ' ')}: {way}, net {money(self.net_minor)}{tax}"


@dataclass(frozen=True)
class Effect:
    """What a change would have moved on the store-days of some trading days, had it been in force on them."""

    first: date  # trading days, both included
    last: date
    store_days: int  # that were looked at
    moved: int  # of them, that would have had other rows
    left_out: int  # that could not be worked out, or were too many
    moves: tuple[Moved, ...]

    @property
    def words(self) -> str:
        """What was looked at, and how much of it would have moved."""
        left = f", {self.left_out:,} more not looked at" if self.left_out else ""
        days = f"{self.store_days:,} store-days of {self.first.isoformat()} to {self.last.isoformat()}{left}"
        return f"{self.moved:,} of {days} would have moved" if self.moved else f"nothing of {days} would have moved"


@dataclass(frozen=True)
class MappingVersion:
    """One version of a company's mapping, as it was accepted. ``number`` counts from 1, which changed nothing."""

    company: str
    number: int
    digest: str  # of what the blocks say
    blocks: str  # the dated blocks, as JSON
    by: str
    why: str
    words: tuple[str, ...]  # what it changed, a line a code
    alters_past: bool  # whether a code of days that were ready or in Sage leads elsewhere since
    effect: Effect | None = None  # None: the first version, or no store-day was there to look at
    at: datetime = datetime.min  # when the ledger wrote it down, UTC

    @property
    def is_first(self) -> bool:
        """Whether the log began with it."""
        return self.number == 1
