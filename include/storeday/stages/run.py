"""A whole run in one process: the same stages that Airflow's tasks call, store by store and day by day."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from storeday.model.errors import LedgerUnreachable, StoredayError
from storeday.stages.batches import hand_over
from storeday.stages.close import Checked
from storeday.stages.collect import Collected
from storeday.stages.first_days import write_first_days
from storeday.stages.overview import overview, stores_of
from storeday.stages.together import Outcome, close_stores, collect_stores
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
    faults = sum(_is_fault(outcome, outcome.store, say) for outcome in collect_stores(work, stores))
    companies = sorted({work.settings.company_of(code)[0].company.code for code in stores})
    for day in days:
        expected = set(stores_of(work, day))
        to_close = [code for code in stores if code in expected]
        for outcome in close_stores(work, to_close, day):
            faults += _is_fault(outcome, f"{outcome.store} {day.isoformat()}", say)
        for company in companies:
            faults += not _try(partial(_hand_over, work, company, day, say), say, f"{company} {day.isoformat()}")
        for page in write_first_days(work, day):
            say(f"{day.isoformat()}: first days after a cutover: {page}")
    lines = [line for day in days for line in overview(work, day, day, stores)]
    staged = sum(line.state.is_staged for line in lines)
    return Ran(staged=staged, not_staged=len(lines) - staged, faults=faults)


def _is_fault(outcome: Outcome[Collected] | Outcome[Checked], what: str, say: Callable[[str], None]) -> bool:
    if outcome.error is None:
        say(str(outcome.steps[-1]))
    elif outcome.waits:
        say(str(outcome.error))
    else:
        _say_fault(outcome.error, what, say)
        return True
    return False


def _hand_over(work: Workplace, company: str, day: date, say: Callable[[str], None]) -> None:
    for step in hand_over(work, company, day):
        say(str(step))


def _try(step: Callable[[], None], say: Callable[[str], None], what: str) -> bool:
    try:
        step()
    except LedgerUnreachable:
        raise  # no store can go on without it
    except Exception as error:
        _say_fault(error, what, say)
        return False
    return True


def _say_fault(error: Exception, what: str, say: Callable[[str], None]) -> None:
    if isinstance(error, StoredayError):
        say(f"{what}: FAULT {error}")
    else:
        log.error("%s: a fault of storeday's own", what, exc_info=error)
        say(f"{what}: FAULT {type(error).__name__}: {error}")
