"""One store-day as its page shows it: what the ledger, the settings and the folders know of it, put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storeday.board.doors import AirflowPages, ByTask
from storeday.board.installation import Installation
from storeday.checks.docs import INDEX
from storeday.config.settings import CompanySettings, Store
from storeday.ledger.facts import BatchFact, FileFact, StoreDayFact
from storeday.ledger.ledger import Ledger
from storeday.ledger.readings import OpenDifference
from storeday.model.decisions import Decided
from storeday.model.errors import StoredayError
from storeday.model.guarantees import Guarantees
from storeday.model.storage import exists, join
from storeday.model.store_day import Ends, Hold, State, Warned

_TASK = re.compile(r"(?P<run>\S+) \((?P<task>[\w.]+)\)")


@dataclass(frozen=True)
class Told:
    """One event of a store-day; links where a task of Airflow's did it."""

    at: datetime
    was: str
    now: str
    why: str
    by: str
    run: str = ""
    log: str = ""


@dataclass(frozen=True)
class Choice:
    """What a person may do about one hold: in words, and the files to choose from where they contradict each other."""

    hold: Hold
    may: str
    sides: tuple[tuple[str, str], ...] = ()  # digest, words

    @property
    def can_be_decided(self) -> bool:
        """Whether a person may let it through at all."""
        return self.hold.ends_by is not Ends.CORRECTION


@dataclass(frozen=True)
class Day:
    """A store-day with everything that its page says of it."""

    company: CompanySettings
    store: Store
    trading_day: date
    fact: StoreDayFact | None  # None: nothing came yet
    choices: tuple[Choice, ...]
    warned: tuple[Warned, ...]
    files: tuple[FileFact, ...]
    rejected: tuple[FileFact, ...]
    decisions: tuple[Decided, ...]
    batches: tuple[tuple[BatchFact, int], ...]  # with the store-day's revision in each
    events: tuple[Told, ...]
    guarantees: Guarantees
    has_docs: bool
    keyed: tuple[str, ...] = ()  # in parallel run: how it stands beside what was keyed by hand
    differences: tuple[OpenDifference, ...] = ()  # between it and Sage

    @property
    def state(self) -> State:
        """Where it is on its way into Sage."""
        return self.fact.state if self.fact else State.EXPECTED

    @property
    def summary(self) -> dict[str, Any]:
        """Its figures as text; empty until it was posted."""
        return self.fact.summary if self.fact and "sales" in self.fact.summary else {}

    @property
    def can_be_released(self) -> bool:
        """Whether one reason is enough to let all through that holds it."""
        plain = {Ends.GAP, Ends.RELEASE}
        return bool(self.choices) and all(choice.hold.ends_by in plain for choice in self.choices)


def day_of(installation: Installation, airflow: AirflowPages, store_code: str, trading_day: date) -> Day:
    """Raises: LookupError for a store that is none of the settings'."""
    from storeday.stages.workplace import feed_and_rules  # the feeds read with pandas: not before somebody looks

    company, store = installation.settings.company_of(store_code)
    ledger, code = installation.ledger, store.code
    fact = ledger.store_day(code, trading_day)
    holds = ledger.holds(code, trading_day)
    feed, _ = feed_and_rules(store)
    return Day(
        company=company,
        store=store,
        trading_day=trading_day,
        fact=fact,
        choices=tuple(_choices(installation, fact)) if fact else (),
        warned=tuple(hold for hold in holds if isinstance(hold, Warned)),
        files=tuple(ledger.files_of(code, trading_day)),
        rejected=tuple(ledger.open_rejections(code, trading_day)),
        decisions=tuple(ledger.decisions(code, trading_day)),
        batches=tuple(_batches(ledger, code, trading_day)),
        events=tuple(_told(airflow, code, ledger.events(code, trading_day))),
        guarantees=feed.guarantees,
        has_docs=exists(join(installation.places.data_docs(code, trading_day), INDEX)),
        keyed=_keyed(installation, company, code, trading_day),
        differences=tuple(ledger.differences_of(code, trading_day)),
    )


def _keyed(installation: Installation, company: CompanySettings, store: str, day: date) -> tuple[str, ...]:
    from storeday.stages.parallel import keyed_words

    if not (company.company.keyed_figures and company.in_parallel(store, day)):
        return ()
    try:
        return keyed_words(installation.work("board"), store, day)
    except StoredayError as error:  # somebody's file, which may be wrong at any time
        return (str(error),)


def _choices(installation: Installation, fact: StoreDayFact) -> Iterator[Choice]:
    from storeday.stages.decisions import HeldDay

    held = HeldDay.of(installation.work("board"), fact.store, fact.trading_day)
    for hold in held.holds:
        sides = hold.about if hold.ends_by is Ends.VERSION else ()
        yield Choice(hold, held.may(hold), tuple((digest, held.side(digest)) for digest in sides))


def _batches(ledger: Ledger, store: str, day: date) -> Iterator[tuple[BatchFact, int]]:
    for each in ledger.batch_days(store, day):
        if (batch := ledger.batch(each.batch)) is not None:
            yield batch, each.revision


def _told(airflow: AirflowPages, store: str, events: Iterable[tuple[datetime, str, str, str, str]]) -> Iterator[Told]:
    said = list(events)
    tasks = {by: ByTask(found["run"], found["task"]) for *_, by in said if (found := _TASK.fullmatch(by))}
    links = airflow.logs(store, tasks.values()) if tasks else {}
    for at, was, now, why, by in said:
        run, log = links.get(tasks[by], ("", "")) if by in tasks else ("", "")
        yield Told(at, was, now, why, by, run, log)
