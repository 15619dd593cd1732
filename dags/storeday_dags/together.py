"""Several stores in one task, where the settings ask for that (``stores_per_task``): docs/architecture.md, "Grain".

Such a task is green when it could do its work, whatever became of single stores, and gives those that it is done with.
All others are left to tasks of their own, which are red, retried and cleared by the store's name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from storeday_dags.assets import CHECKED, LANDED, READY, tell_together
from storeday_dags.collecting import say_collected
from storeday_dags.lineage import tell_lineage
from storeday_dags.retries import RETRY
from storeday_dags.schedule import trading_day
from storeday_dags.work import name_by, open_work

if TYPE_CHECKING:
    from datetime import date

    from storeday.stages import Checked, Outcome, Workplace

log = logging.getLogger(__name__)

Shared = list[str] | list[list[str]]
"""The stores of a run: a code a task, or the codes of each task."""


def shared_out(work: Workplace, stores: list[str]) -> Shared:
    """The stores as they are mapped over: a task each, or so many a task as the settings say."""
    from storeday.stages.together import groups

    return groups(work, stores) if work.settings.running.stores_per_task > 1 else stores


def all_of(shared: Shared) -> list[str]:
    """The codes of all stores, however they were shared out.

    >>> all_of(["S01", "S02"]), all_of([["S01", "S02"], ["S03"]])
    (['S01', 'S02'], ['S01', 'S02', 'S03'])
    """
    return [code for each in shared for code in ([each] if isinstance(each, str) else each)]


def collect_together(stores: list[str]) -> list[str]:
    """Fetch what is new of each of these stores; those that could be asked."""
    name_by(_named(stores))
    with open_work() as work:
        return _collect(work, stores)


def close_together(stores: list[str]) -> list[str]:
    """Fetch each of these stores' files, check its day and work out its lines; those that are ready."""
    name_by(_named(stores))
    from storeday.stages import close_stores

    day, ready, steps = trading_day(get_current_context()), [], []
    with open_work() as work:
        for outcome in close_stores(work, _collect(work, stores), day):
            _tell_lineage_of(work, outcome, day)
            steps.append(outcome.steps)
            if outcome.error is None:
                log.info("%s", outcome.steps[-1])
                ready.append(outcome.store)
            else:
                _leave(outcome.store, outcome.error, waits=outcome.waits)
    tell_together((step[0] for step in steps if step), CHECKED)
    tell_together((step[1] for step in steps if step[1:]), READY)
    return ready


def left_over(stores: Shared | None, done: Iterable[Sequence[str]]) -> list[str]:
    """The stores that no task was done with, in their order: what is left to tasks of their own.

    A task that broke said nothing, so all of its stores are left. Raises: AirflowFailException where the stores are
    not known, which the task before has told.
    """
    if stores is None:
        raise AirflowFailException("which stores there are is not known: see the task before")
    from airflow.configuration import conf

    finished = {code for codes in done for code in codes}
    left = [code for code in all_of(stores) if code not in finished]
    log.info("%s of %s stores go on by themselves: %s", len(left), len(all_of(stores)), ", ".join(left) or "none")
    most = conf.getint("core", "max_map_length", fallback=1024)
    if left[most:]:
        log.error("only the first %s of them: Airflow makes no more tasks of one list ([core] max_map_length)", most)
    return left[:most]


which_are_left = task(
    task_id="which_are_left",
    retries=2,
    retry_policy=RETRY,
    trigger_rule="all_done",
    task_display_name="Which stores are left",
    doc_md="The stores that no task of several stores was done with: each goes on in tasks of its own.",
)(left_over)


def _collect(work: Workplace, stores: list[str]) -> list[str]:
    from storeday.stages import collect_stores

    found = []
    for outcome in collect_stores(work, stores):
        if outcome.error is None:
            found.append(outcome.steps[-1])
            say_collected(work, found[-1])
        else:
            _leave(outcome.store, outcome.error, waits=outcome.waits)
    tell_together(found, LANDED)
    return [each.store for each in found]


def _leave(store: str, error: Exception, *, waits: bool) -> None:
    """Say why a store is left to a task of its own, whose log then says it in full."""
    said = (str(error) or type(error).__name__).splitlines()[0]
    if waits:
        log.warning("%s goes on by itself: %s", store, said)
    else:
        log.error("%s goes on by itself: %s: %s", store, type(error).__name__, said, exc_info=error)


def _tell_lineage_of(work: Workplace, outcome: Outcome[Checked], day: date) -> None:
    from storeday.stages.lineage import of_check, of_post

    checked = outcome.steps[0].fact if outcome.steps else None  # as it was before the posting
    tell_lineage(lambda: of_check(work, outcome.store, day, checked))
    if outcome.steps[1:]:
        tell_lineage(lambda: of_post(work, outcome.store, day))


def _named(stores: Sequence[str]) -> str:
    return stores[0] if len(stores) == 1 else f"{stores[0]} to {stores[-1]}"
