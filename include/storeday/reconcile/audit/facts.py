"""All that a month's audit is made of: what the ledger, the settings and Sage's own export say, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from storeday.ledger.month import Corrected, HandedOver, MonthBatch, MonthDay
from storeday.model.answers import Answer
from storeday.model.decisions import Decided
from storeday.model.differences import Difference


@dataclass(frozen=True)
class SageRead:
    """What was read back from Sage for the month."""

    readings: tuple[str, ...]  # what was read and when, in words
    differences: tuple[Difference, ...]  # that are open


class MappingChange(NamedTuple):
    """One change of the mapping that was accepted, in words, and what it moves of the days before; minor units."""

    at: datetime
    by: str
    why: str
    what: str
    moved_store_days: int
    moved_minor: int  # net and tax, whichever way they go
    effect: str


@dataclass(frozen=True)
class MonthFacts:
    """One company's month. ``upto`` is the last day that counts: what is later did not happen yet."""

    company: str
    name: str
    currency: str
    edition: str
    environment: str  # sandbox or production
    first: date
    last: date
    upto: date | None  # None: nothing of the month happened yet
    shops: dict[str, str]  # names by code, in the settings' order
    expected: frozenset[tuple[str, date]]  # store-days on which a store trades
    days: tuple[MonthDay, ...] = ()
    parallel: int = 0  # store-days of before their store's cutover, which are in no figure
    reasons: dict[tuple[str, date], str] | None = None
    handed_over: tuple[HandedOver, ...] = ()
    corrections: tuple[Corrected, ...] = ()
    batches: tuple[MonthBatch, ...] = ()
    decisions: tuple[Decided, ...] = ()
    answers: tuple[Answer, ...] = ()
    sage: SageRead | None = None  # None: Sage was not read back
    mapping_changes: tuple[MappingChange, ...] | None = None  # None: no log of them is kept
