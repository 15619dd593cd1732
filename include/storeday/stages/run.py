"""A whole run in one process: the same stages that Airflow's tasks call, store by store and day by day."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from storeday.model.errors import StoredayError
from storeday.model.store_day import NothingReceived, StoreDayHeld
from storeday.stages.batches import deliver, stage
from storeday.stages.close import OpenDay, check, post
from storeday.stages.collect import collect
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

    A store that can't be reached or closed doesn't keep the others; what stops the whole run is raised.
    """
    faults = sum(not _try(partial(_collect, work, code, say), say, code) for code in stores)
    not_staged = 0
    companies = sorted({work.settings.company_of(code)[0].company.code for code in stores})
    for day in days:
        for code in stores:
            if day < work.settings.company_of(code)[0].company.first_day:
                continue
            try:
                say(_close(work, code, day))
            except (StoreDayHeld, NothingReceived) as waits:
                not_staged += 1
                say(str(waits))
        for company in companies:
            faults += not _try(partial(_hand_over, work, company, day, say), say, company)
    return Ran(staged=len(days) * len(stores) - not_staged, not_staged=not_staged, faults=faults)


def _collect(work: Workplace, store: str, say: Callable[[str], None]) -> None:
    say(str(collect(work, store)))


def _close(work: Workplace, store: str, day: date) -> str:
    opened = OpenDay.of(work, store, day)
    checked = check(work, store, day, opened)
    posted = post(work, store, day, opened)
    return str(posted if checked.is_new else checked)


def _hand_over(work: Workplace, company: str, day: date, say: Callable[[str], None]) -> None:
    say(str(stage(work, company, day)))
    if work.settings.company(company).company.delivery == "automatic":
        say(str(deliver(work, company, day)))


def _try(step: Callable[[], None], say: Callable[[str], None], what: str) -> bool:
    try:
        step()
    except StoredayError as error:
        log.error("%s: %s", what, error)
        say(f"{what}: FAULT {error}")
        return False
    return True
