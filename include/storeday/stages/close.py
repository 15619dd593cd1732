"""Close store-days: put each one's files together, check them, and say what they want in Sage.

Check and post are two tasks in Airflow and one pass in a process: what the first has read, the second may
be given. Both take store-days of several stores at once, and one store-day is several of which there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache, partial
from typing import TypeVar

from storeday.checks.docs import DataDocs
from storeday.checks.verdict import Looked, Verdict, check_store_days
from storeday.ledger.facts import StoreDayFact, VerdictFact
from storeday.model.errors import LedgerUnreachable
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

Step = TypeVar("Step")


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


CameTo = dict[str, Checked | Exception]
"""What store-days of one trading day came to, or what was in the way, by store."""


@contextmanager
def alone_with(work: Workplace, day: date, *stores: str) -> Iterator[None]:
    """Only one process at a time closes a store-day, and opens it once it is alone with it.

    Else the slower of two would write its verdict over what the faster one has posted, and be right about files that
    are not the newest any more.
    """
    with work.ledger.exclusively(*(f"close {store} {day.isoformat()}" for store in stores)):
        yield


def check(work: Workplace, store_code: str, day: date, opened: OpenDay | None = None) -> Checked:
    """Run the suites over a store-day; an unchanged one is not looked at again.

    ``opened`` is given by who is alone with the store-day already.
    Raises: StoreDayHeld with the reasons; NothingReceived; CheckCrashed where a rule of ours broke.
    """
    if opened is not None:
        return _only(check_all(work, [opened]))
    with alone_with(work, day, store_code):
        return _only(check_all(work, [OpenDay.of(work, store_code, day)]))


def post(work: Workplace, store_code: str, day: date, opened: OpenDay | None = None) -> Checked:
    """Say what a checked store-day wants in Sage, proven: it is ready then.

    ``opened`` is given by who is alone with the store-day already.
    Raises: StoreDayHeld where a proof fails or the day is locked; ValueError where it was not checked.
    """
    if opened is not None:
        return _only(post_all(work, [opened]))
    with alone_with(work, day, store_code):
        return _only(post_all(work, [OpenDay.of(work, store_code, day)]))


def check_all(work: Workplace, days: Sequence[OpenDay]) -> CameTo:
    """Check store-days of one trading day together: what each came to, or what ``check`` raises of it.

    Who calls it is alone with all of them.
    Raises: LedgerUnreachable, for none can be checked without the ledger.
    """
    before = _before(work, days)
    refusal = cache(lambda code: mapping_hold(work, work.settings.company(code), days[0].trading_day))
    found = _each(days, lambda opened: _looked(opened, before.get(opened.store.code), refusal))
    looked = {code: each for code, each in found.items() if isinstance(each, Looked)}
    if looked:
        opened_by = {opened.store.code: opened for opened in days}
        first = opened_by[next(iter(looked))]
        shared = partial(work.places.data_docs_together, first.trading_day)
        verdicts = check_store_days(list(looked.values()), first.shared.suites, shared)
        for code, verdict in zip(looked, verdicts, strict=True):
            found[code] = verdict if isinstance(verdict, Exception) else _judged(opened_by[code], verdict)
    return _recorded(work, found)


def post_all(work: Workplace, days: Sequence[OpenDay]) -> CameTo:
    """Post store-days of one trading day that were checked: what each came to, or what ``post`` raises of it.

    Who calls it is alone with all of them.
    Raises: LedgerUnreachable, for none can be posted without the ledger.
    """
    if not days:
        return {}
    before = _before(work, days)
    holds = work.ledger.holds_of_days(list(before), days[0].trading_day)
    return _recorded(work, _each(days, lambda opened: _wanting(opened, before.get(opened.store.code), holds)))


def _before(work: Workplace, days: Sequence[OpenDay]) -> dict[str, StoreDayFact]:
    if not days:
        return {}
    return work.ledger.store_days_of([opened.store.code for opened in days], days[0].trading_day)


def _each(days: Iterable[OpenDay], step: Callable[[OpenDay], Step]) -> dict[str, Step | Exception]:
    """A step of each store-day, by store; what it raises is that store-day's own, unless the ledger is away."""
    found: dict[str, Step | Exception] = {}
    for opened in days:
        try:
            found[opened.store.code] = step(opened)
        except LedgerUnreachable:
            raise
        except Exception as error:
            found[opened.store.code] = error
    return found


def _looked(
    opened: OpenDay, before: StoreDayFact | None, refusal: Callable[[str], Hold | None]
) -> Looked | Checked | VerdictFact:
    """A store-day that is to be checked, or what it is without: as it was, or refused.

    Raises: StoreDayHeld where it is held, or rolled back, and nothing is new.
    """
    store, day = opened.store.code, opened.trading_day
    if before and before.state is State.ROLLED_BACK:
        raise StoreDayHeld(store, day, _reasons(opened))
    if refused := refusal(opened.company.company.code):
        opened = replace(opened, refused=refused)
    if before and before.basis == opened.basis:
        if before.state is State.HELD:
            raise StoreDayHeld(store, day, _reasons(opened))
        return Checked(before, is_new=False)
    if opened.refused:
        return _held(opened, [opened.refused], None, {})
    names = {file.sha256: file.name for file in opened.files}
    docs = DataDocs(opened.work.places.data_docs(store, day), f"{store} {day.isoformat()}")
    return Looked(opened.given, names, docs, opened.basis)


def _judged(opened: OpenDay, verdict: Verdict) -> VerdictFact:
    """What is written down of a store-day that was checked."""
    found: list[Hold] = [*verdict.holds, *verdict.warnings]
    asserted: dict[str, object] = {"asserted": [asdict(each) for each in verdict.asserted]}
    if verdict.is_held:
        return _held(opened, found, None, asserted)
    warnings = [warning_of(hold) for hold in verdict.warnings]
    fact = opened.fact(State.RECEIVED, None, {"warnings": warnings, **asserted})
    return VerdictFact(fact, tuple(found), {}, "checks passed")


def _wanting(opened: OpenDay, before: StoreDayFact | None, holds: Mapping[str, list[Hold]]) -> Checked | VerdictFact:
    """What is written down of a store-day that is to be posted; its receipt log is kept.

    Raises: ValueError where it was not checked as it is.
    """
    work, store, day = opened.work, opened.store.code, opened.trading_day
    if before is None or before.basis != opened.basis or before.state in {State.HELD, State.ROLLED_BACK}:
        raise ValueError(f"{store} {day.isoformat()} was not checked as it is now: run check first")
    if before.state is not State.RECEIVED:
        return Checked(before, is_new=False)
    sums = opened.sums
    lines = wanted_of(opened, sums)
    known = holds[store]
    figures = day_figures(sums, opened, known)
    extra = first_days_checks(work, opened.company, opened.store, day, sums.gross_minor, figures)
    warned = [*known, *extra]
    summary = {**(day_figures(sums, opened, warned) if extra else figures), **new_skus(opened)}
    if found := [*prove(lines, sums), *_locked(opened, lines)]:
        return _held(opened, [*found, *warned], sums, summary)
    log_digest = write_receipt_log(work.places, store, day, opened.once)
    fact = replace(opened.fact(State.READY, sums, summary), receipt_log=log_digest)
    return VerdictFact(fact, tuple(warned), lines, f"takings {money(sums.gross_minor)}")


def _held(opened: OpenDay, found: list[Hold], sums: DaySums | None, summary: dict[str, object]) -> VerdictFact:
    why = "; ".join(hold.headline() for hold in found)
    return VerdictFact(opened.fact(State.HELD, sums, summary), tuple(found), {}, why)


def _recorded(work: Workplace, found: Mapping[str, Looked | Checked | VerdictFact | Exception]) -> CameTo:
    """Write verdicts down, and say what each store-day came to by them."""
    verdicts = {code: each for code, each in found.items() if isinstance(each, VerdictFact)}
    refused = work.ledger.record_verdicts(list(verdicts.values()), work.by)
    came_to: CameTo = {code: each for code, each in found.items() if isinstance(each, (Checked, Exception))}
    for code, verdict in verdicts.items():
        fact = verdict.fact
        if code in refused:
            came_to[code] = refused[code]
        elif fact.state is State.HELD:
            keep_store_days(work, [(code, fact.trading_day)])
            came_to[code] = StoreDayHeld(code, fact.trading_day, _no_warnings(verdict.holds))
        else:
            came_to[code] = Checked(fact, is_new=True)
    return came_to


def _only(came_to: CameTo) -> Checked:
    (one,) = came_to.values()
    if isinstance(one, Exception):
        raise one
    return one


def _reasons(opened: OpenDay) -> list[Hold]:
    return _no_warnings(opened.work.ledger.holds(opened.store.code, opened.trading_day))


def _no_warnings(holds: Iterable[Hold]) -> list[Hold]:
    return [hold for hold in holds if not isinstance(hold, Warned)]


def _locked(opened: OpenDay, lines: Lines) -> list[Hold]:
    """A day that is delivered as it is wanted has nothing to post, so no lock is in its way."""
    company = opened.company.company
    lock = lock_on(company, opened.trading_day)
    if lock is None:
        return []
    delivered = opened.work.ledger.delivered(opened.store.code, opened.trading_day, company.environment)
    return [lock] if difference(lines, delivered) else []
