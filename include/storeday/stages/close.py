"""Close a store-day: put its files together, check them, and say what it wants in Sage.

Check and post are two tasks in Airflow and one pass in a process: what the first has read, the second may
be given.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date

from storeday.checks.docs import DataDocs
from storeday.checks.verdict import check_store_day
from storeday.ledger.facts import StoreDayFact
from storeday.model.money import money, plain
from storeday.model.postings import Lines, difference
from storeday.model.store_day import Hold, State, StoreDayHeld, Warned
from storeday.postings.day_sums import DaySums
from storeday.postings.wanted import prove
from storeday.stages.figures import day_figures, warning_of
from storeday.stages.first_days import first_days_checks
from storeday.stages.journal import keep_store_days
from storeday.stages.locks import lock_on
from storeday.stages.mapping_log import mapping_hold
from storeday.stages.open_day import OpenDay, wanted_of
from storeday.stages.receipt_log import write_receipt_log
from storeday.stages.records import new_skus
from storeday.stages.workplace import Workplace

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checked:
    """One store-day on its way: its state, its figures, and whether anything was new."""

    fact: StoreDayFact
    is_new: bool

    @property
    def state(self) -> State:
        """Where the store-day is now."""
        return self.fact.state

    def facts(self) -> dict[str, object]:
        """For the asset event: money as text and in minor units; digests of what it rests on and of its receipts."""
        return {
            "company": self.fact.company,
            "store": self.fact.store,
            "trading_day": self.fact.trading_day.isoformat(),
            "state": self.fact.state.value,
            "receipts": self.fact.receipts,
            "takings": plain(self.fact.gross_minor),
            "takings_minor": self.fact.gross_minor,
            "tax": plain(self.fact.tax_minor),
            "tax_minor": self.fact.tax_minor,
            "basis": self.fact.basis,
            "receipt_log": self.fact.receipt_log,
        }

    def __str__(self) -> str:
        news = "" if self.is_new else " (nothing new)"
        fact = self.fact
        said = f"{fact.receipts:,} receipts, takings {money(fact.gross_minor)}"
        return f"{fact.store} {fact.trading_day.isoformat()}: {fact.state}{news}, {said}"


@contextmanager
def alone_with(work: Workplace, store_code: str, day: date) -> Iterator[None]:
    """Only one process at a time closes a store-day, and opens it once it is alone with it.

    Else the slower of two would write its verdict over what the faster one has posted, and be right about files that
    are not the newest any more.
    """
    with work.ledger.exclusively(f"close {store_code} {day.isoformat()}"):
        yield


def check(work: Workplace, store_code: str, day: date, opened: OpenDay | None = None) -> Checked:
    """Run the suites over a store-day; an unchanged one is not looked at again.

    ``opened`` is given by who is alone with the store-day already.
    Raises: StoreDayHeld with the reasons; NothingReceived; CheckCrashed where a rule of ours broke.
    """
    if opened is not None:
        return _check(work, opened)
    with alone_with(work, store_code, day):
        return _check(work, OpenDay.of(work, store_code, day))


def _check(work: Workplace, opened: OpenDay) -> Checked:
    store_code, day = opened.store.code, opened.trading_day
    before = work.ledger.store_day(opened.store.code, day)
    if before and before.state is State.ROLLED_BACK:
        raise StoreDayHeld(store_code, day, _reasons(work, opened))
    if refused := mapping_hold(work, opened.company, day):
        opened = replace(opened, refused=refused)
    if before and before.basis == opened.basis:
        if before.state is State.HELD:
            raise StoreDayHeld(store_code, day, _reasons(work, opened))
        return Checked(before, is_new=False)
    if opened.refused:
        _hold(work, opened, [opened.refused], None, {})
    names = {file.sha256: file.name for file in opened.files}
    docs = DataDocs(work.places.data_docs(opened.store.code, day), f"{opened.store.code} {day.isoformat()}")
    verdict = check_store_day(opened.given, opened.suites, names, docs)
    found: list[Hold] = [*verdict.holds, *verdict.warnings]
    asserted: dict[str, object] = {"asserted": [asdict(each) for each in verdict.asserted]}
    if verdict.is_held:
        _hold(work, opened, found, None, asserted)
    warnings = [warning_of(hold) for hold in verdict.warnings]
    fact = opened.fact(State.RECEIVED, None, {"warnings": warnings, **asserted})
    work.ledger.record_verdict(fact, found, {}, "checks passed", work.by)
    return Checked(fact, is_new=True)


def post(work: Workplace, store_code: str, day: date, opened: OpenDay | None = None) -> Checked:
    """Say what a checked store-day wants in Sage, proven: it is ready then.

    ``opened`` is given by who is alone with the store-day already.
    Raises: StoreDayHeld where a proof fails or the day is locked; ValueError where it was not checked.
    """
    if opened is not None:
        return _post(work, opened)
    with alone_with(work, store_code, day):
        return _post(work, OpenDay.of(work, store_code, day))


def _post(work: Workplace, opened: OpenDay) -> Checked:
    store_code, day = opened.store.code, opened.trading_day
    before = work.ledger.store_day(opened.store.code, day)
    if before is None or before.basis != opened.basis or before.state in {State.HELD, State.ROLLED_BACK}:
        raise ValueError(f"{store_code} {day.isoformat()} was not checked as it is now: run check first")
    if before.state is not State.RECEIVED:
        return Checked(before, is_new=False)
    sums = opened.sums
    lines = wanted_of(opened, sums)
    known = work.ledger.holds(opened.store.code, day)
    figures = day_figures(sums, opened, known)
    extra = first_days_checks(work, opened.company, opened.store, day, sums.gross_minor, figures)
    warned = [*known, *extra]
    summary = {**(day_figures(sums, opened, warned) if extra else figures), **new_skus(opened)}
    if found := [*prove(lines, sums), *_locked(opened, lines)]:
        _hold(work, opened, [*found, *warned], sums, summary)
    log_digest = write_receipt_log(work.places, opened.store.code, day, opened.once)
    fact = replace(opened.fact(State.READY, sums, summary), receipt_log=log_digest)
    work.ledger.record_verdict(fact, warned, lines, f"takings {money(sums.gross_minor)}", work.by)
    return Checked(fact, is_new=True)


def _hold(
    work: Workplace, opened: OpenDay, found: list[Hold], sums: DaySums | None, summary: dict[str, object]
) -> None:
    """Write the reasons down and raise them."""
    fact = opened.fact(State.HELD, sums, summary)
    lines: Lines = {}
    work.ledger.record_verdict(fact, found, lines, "; ".join(hold.headline() for hold in found), work.by)
    keep_store_days(work, [(fact.store, fact.trading_day)])
    raise StoreDayHeld(fact.store, fact.trading_day, _reasons(work, opened))


def _reasons(work: Workplace, opened: OpenDay) -> list[Hold]:
    holds = work.ledger.holds(opened.store.code, opened.trading_day)
    return [hold for hold in holds if not isinstance(hold, Warned)]


def _locked(opened: OpenDay, lines: Lines) -> list[Hold]:
    """A day that is delivered as it is wanted has nothing to post, so no lock is in its way."""
    company = opened.company.company
    delivered = opened.work.ledger.delivered(opened.store.code, opened.trading_day, company.environment)
    if not difference(lines, delivered):
        return []
    lock = lock_on(company, opened.trading_day)
    return [lock] if lock else []
