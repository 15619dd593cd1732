"""A whole run in one process: the same stages that Airflow's tasks call, store by store and day by day."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from storeday.model.errors import LedgerUnreachable, StoredayError
from storeday.model.store_day import NothingReceived, StoreDayHeld
from storeday.stages.batches import hand_over
from storeday.stages.close import check, post
from storeday.stages.collect import collect
from storeday.stages.first_days import write_first_days
from storeday.stages.open_day import OpenDay
from storeday.stages.overview import overview, stores_of
from storeday.stages.workplace import Workplace

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ran:
    """What a run came to."""

    staged: int
    not_staged: int  # held, or nothing came
    faults: int


def run_days(work: Workplace, days: list[date], stores: list[str], say: Callable[[str], None]) -> Ran:
    """Collect every store, then close and stage each day; ``say`` gets a line a step.

    What breaks for one store, or one company's day, is told and counted, and doesn't keep the others.
    Raises: LedgerUnreachable, for no store can go on without the ledger.
    """
    faults = sum(not _try(partial(_collect, work, code, say), say, code) for code in stores)
    companies = sorted({work.settings.company_of(code)[0].company.code for code in stores})
    for day in days:
        to_close = set(stores_of(work, day))
        for code in stores:
            if code in to_close:
                faults += not _try(partial(_close, work, code, day, say), say, f"{code} {day.isoformat()}")
        for company in companies:
            faults += not _try(partial(_hand_over, work, company, day, say), say, f"{company} {day.isoformat()}")
        for page in write_first_days(work, day):
            say(f"{day.isoformat()}: first days after a cutover: {page}")
    lines = [line for day in days for line in overview(work, day, day, stores)]
    staged = sum(line.state.is_staged for line in lines)
    return Ran(staged=staged, not_staged=len(lines) - staged, faults=faults)


def _collect(work: Workplace, store: str, say: Callable[[str], None]) -> None:
    say(str(collect(work, store)))


def _close(work: Workplace, store: str, day: date, say: Callable[[str], None]) -> None:
    try:
        opened = OpenDay.of(work, store, day)
        check(work, store, day, opened)
        say(str(post(work, store, day, opened)))
    except (StoreDayHeld, NothingReceived) as waits:
        say(str(waits))


def _hand_over(work: Workplace, company: str, day: date, say: Callable[[str], None]) -> None:
    for step in hand_over(work, company, day):
        say(str(step))


def _try(step: Callable[[], None], say: Callable[[str], None], what: str) -> bool:
    try:
        step()
    except LedgerUnreachable:
        raise  # no store can go on without it
    except StoredayError as error:
        say(f"{what}: FAULT {error}")
        return False
    except Exception as error:
        log.exception("%s: a fault of storeday's own", what)
        say(f"{what}: FAULT {type(error).__name__}: {error}")
        return False
    return True
