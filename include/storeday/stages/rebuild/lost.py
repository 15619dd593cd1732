"""Batches that were handed over and have no folder any more: Sage has their rows, or the journal says so.

A batch's id is a digest of its rows. So where a store-day, staged again, comes to the very id, that is the batch: it is
put back into the outbox and counts as delivered. Nothing else may be guessed: its rows would go to Sage twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from storeday.ledger.facts import BatchFact
from storeday.ledger.restoring import RebuiltLedger
from storeday.model.postings import Lines
from storeday.model.store_day import State
from storeday.sage50.uk_file import USER
from storeday.stages.batches import stage
from storeday.stages.drafts import publish_batch, remove_drafts
from storeday.stages.rebuild.batches import FoundBatch
from storeday.stages.rebuild.days import Kept
from storeday.stages.workplace import Workplace

_DELIVERED: Final = re.compile(r"batch ([0-9a-f]{12}) delivered")
_REFERENCE: Final = re.compile(r"(?P<store>.+)-(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})(-\d+)?(-T)?")


@dataclass(frozen=True)
class LostBatch:
    """One of them; ``company`` and ``trading_day`` are None where its reference is none of ours."""

    id: str
    company: str | None
    trading_day: date | None
    why: str

    @property
    def words(self) -> str:
        """What is known of it."""
        return f"batch {self.id}: {self.why}, and no folder in the outbox"


def lost_batches(work: Workplace, found: list[FoundBatch], kept: Kept, said: pd.DataFrame | None) -> list[LostBatch]:
    """Batches of takings in Sage's export, or of which the journal says that they were delivered, without a folder."""
    known = {batch.fact.id for batch in found}
    lost = {
        batch: LostBatch(batch, _company_of(work, store), day, "delivered, by the journal")
        for (store, day), of_day in kept.items()
        for event in of_day["events"]
        if event["now"] == State.DELIVERED
        for batch in _DELIVERED.findall(event["why"])
    }
    if said is not None:
        theirs = said[said["User Name"] == USER].groupby("Extra Reference")["Reference"].agg(["size", "min"])
        for batch, many, first in theirs.itertuples():
            store, day = _store_day_of(first)
            lost[batch] = LostBatch(batch, _company_of(work, store), day, f"{many:,} rows in Sage, {first} first")
    return [each for batch, each in sorted(lost.items()) if batch not in known]


def make_again(work: Workplace, ledger: RebuiltLedger, lost: list[LostBatch], found: list[FoundBatch]) -> set[str]:
    """Stage the days of lost batches, and put back those that come out by their own id; the ids of these."""
    ids, again = {each.id for each in lost}, set[str]()
    waiting = {(batch.fact.company, batch.fact.trading_day) for batch in found if not batch.is_delivered}
    days = {(each.company, each.trading_day) for each in lost if each.company and each.trading_day}
    for company, day in sorted((company, day) for company, day in days - waiting if company and day):
        while (batch := _staged(work, ledger, company, day)) and batch.id in ids - again:
            ledger.mark_delivered(batch, work.by)
            publish_batch(work, batch)
            again.add(batch.id)
        nothing: dict[str, Lines] = {}
        ledger.replace_draft(company, day, None, nothing, [], work.by)
        remove_drafts(work, company, day, keep=None)
    return again


def _staged(work: Workplace, ledger: RebuiltLedger, company: str, day: date) -> BatchFact | None:
    """The draft that a day comes to now; None without any rows."""
    staged = stage(work, company, day)
    return ledger.batch(staged.batches[0]) if staged.batches else None


def _store_day_of(reference: str) -> tuple[str, date | None]:
    said = _REFERENCE.fullmatch(reference)
    if said is None:
        return "", None
    try:
        return said["store"], date(2000 + int(said["year"]), int(said["month"]), int(said["day"]))
    except ValueError:
        return "", None


def _company_of(work: Workplace, store: str) -> str | None:
    try:
        return work.settings.company_of(store)[0].company.code
    except LookupError:
        return None
