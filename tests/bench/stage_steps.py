"""Each stage for a whole chain, by the project's own functions: what tests/bench/stages.py measures.

Stores are checked and posted by the chunk, as a task of several stores and the whole run do it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chains import COMPANY
from storeday.stages.batches import deliver, stage
from storeday.stages.close import CameTo, alone_with, check_all, post_all
from storeday.stages.open_day import OpenDay, open_days
from storeday.stages.together import CLOSED_AT_ONCE
from storeday.stages.together import collect_stores as collected
from storeday.stages.workplace import Workplace

Progress = Callable[[str, int], None]


@dataclass
class Found:
    """What a stage has seen of the chain: to be held to the sample's truth."""

    receipts: int = 0
    gross_minor: int = 0

    def add(self, receipts: int, gross_minor: int) -> None:
        """One store more."""
        self.receipts, self.gross_minor = self.receipts + receipts, self.gross_minor + gross_minor


def collect_stores(work: Workplace, stores: list[str], day: date, progress: Progress) -> Found:
    """Every store's files."""
    found = Found()
    for number, outcome in enumerate(collected(work, stores), start=1):
        if outcome.error:
            raise outcome.error
        for came in outcome.steps:
            found.add(sum(fact.receipts for fact in came.accepted), came.gross_minor)
        progress("collected", number)
    return found


def check_stores(work: Workplace, stores: list[str], day: date, progress: Progress) -> Found:
    """Every store-day's suites."""
    return _closed(work, stores, day, check_all, progress)


def post_stores(work: Workplace, stores: list[str], day: date, progress: Progress) -> Found:
    """Every store-day's posting lines."""
    return _closed(work, stores, day, post_all, progress)


def _closed(
    work: Workplace,
    stores: list[str],
    day: date,
    step: Callable[[Workplace, list[OpenDay]], CameTo],
    progress: Progress,
) -> Found:
    found = Found()
    for first in range(0, len(stores), CLOSED_AT_ONCE):
        some = stores[first : first + CLOSED_AT_ONCE]
        with alone_with(work, day, *some):
            opened = open_days(work, some, day)
            came_to = step(work, [each for each in opened.values() if isinstance(each, OpenDay)])
        for each in came_to.values():
            if isinstance(each, Exception):
                raise each
            found.add(each.fact.receipts, each.fact.gross_minor)
        progress("stores", first + len(some))
    return found


def stage_company(work: Workplace, stores: list[str], day: date, progress: Progress) -> None:
    """The company's batch."""
    staged = stage(work, COMPANY, day)
    if len(staged.stores) != len(stores):
        raise SystemExit(f"{len(staged.stores)} of {len(stores)} stores are in the batch")


def deliver_company(work: Workplace, stores: list[str], day: date, progress: Progress) -> None:
    """The company's batch, handed over."""
    handed = deliver(work, COMPANY, day)
    if len(handed.stores) != len(stores):
        raise SystemExit(f"{len(handed.stores)} of {len(stores)} stores are handed over")


STAGE: dict[str, Callable[[Workplace, list[str], date, Progress], Found | None]] = {
    "collect": collect_stores,
    "check": check_stores,
    "post": post_stores,
    "stage": stage_company,
    "deliver": deliver_company,
}
