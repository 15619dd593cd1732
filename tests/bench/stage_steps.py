"""Each stage for a whole chain, by the project's own functions: what tests/bench/stages.py measures.

A stage works on all stores at once where the project has a way to (``storeday.stages.together``), else store by store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chains import COMPANY
from storeday.stages.batches import deliver, stage
from storeday.stages.close import check, post
from storeday.stages.collect import collect
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


def collect_all(work: Workplace, stores: list[str], day: date, progress: Progress) -> Found:
    """Every store's files."""
    found = Found()
    for number, code in enumerate(stores, start=1):
        came = collect(work, code)
        found.add(sum(fact.receipts for fact in came.accepted), came.gross_minor)
        progress("collected", number)
    return found


def check_all(work: Workplace, stores: list[str], day: date, progress: Progress) -> Found:
    """Every store-day's suites."""
    found = Found()
    for number, code in enumerate(stores, start=1):
        fact = check(work, code, day).fact
        found.add(fact.receipts, fact.gross_minor)
        progress("checked", number)
    return found


def post_all(work: Workplace, stores: list[str], day: date, progress: Progress) -> Found:
    """Every store-day's posting lines."""
    found = Found()
    for number, code in enumerate(stores, start=1):
        fact = post(work, code, day).fact
        found.add(fact.receipts, fact.gross_minor)
        progress("posted", number)
    return found


def stage_all(work: Workplace, stores: list[str], day: date, progress: Progress) -> None:
    """The company's batch."""
    staged = stage(work, COMPANY, day)
    if len(staged.stores) != len(stores):
        raise SystemExit(f"{len(staged.stores)} of {len(stores)} stores are in the batch")


def deliver_all(work: Workplace, stores: list[str], day: date, progress: Progress) -> None:
    """The company's batch, handed over."""
    handed = deliver(work, COMPANY, day)
    if len(handed.stores) != len(stores):
        raise SystemExit(f"{len(handed.stores)} of {len(stores)} stores are handed over")


STAGE: dict[str, Callable[[Workplace, list[str], date, Progress], Found | None]] = {
    "collect": collect_all,
    "check": check_all,
    "post": post_all,
    "stage": stage_all,
    "deliver": deliver_all,
}
