"""Older days first: a batch that brings a customer or product to Sage lets the days before it go first.

A backfill closes days side by side, and the first batch that is delivered brings the record (docs/masters.md). That is
to be the oldest day's, whichever task happens to end first: a bookkeeper imports in the order of the days, and the same
files come to the same bytes on every machine.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import TaskInstanceState
from airflow.sdk.exceptions import AirflowRescheduleException

from storeday_dags.schedule import trading_day

if TYPE_CHECKING:
    from storeday.stages import Workplace

log = logging.getLogger(__name__)

LOOKS_AGAIN_AFTER = timedelta(seconds=5)
APPROVE, DELIVER = "approve", "deliver"
_ENDED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})
_DAY = re.compile(r"__(\d{4}-\d\d-\d\d)__")
"""Where a scheduled or backfilled run's id has its partition key (CronPartitionTimetable.generate_run_id)."""


def let_older_days_go_first(work: Workplace, company: str, context: Mapping[str, Any]) -> None:
    """Give the worker back and come again later, while a run of an older day is on its way to delivering.

    Never for a day that waits for a person, is held, or whose run has not begun; and only where the draft brings a
    record. A run by hand has no day in its id: nobody waits for it. Raises: AirflowRescheduleException.
    """
    from storeday.stages import brings_records

    day, ti = trading_day(context), context["ti"]
    if not brings_records(work, company, day):
        return
    tasks = ti.get_task_states(dag_id=ti.dag_id, task_ids=[APPROVE, DELIVER])
    for run, older in sorted(on_their_way(tasks, day), key=lambda found: found[1]):
        if ti.get_dagrun_state(dag_id=ti.dag_id, run_id=run) == "running":
            log.info(
                "%s %s brings new customers or products: %s goes first", company, day.isoformat(), older.isoformat()
            )
            raise AirflowRescheduleException(datetime.now(UTC) + LOOKS_AGAIN_AFTER)  # type: ignore[no-untyped-call]


def on_their_way(tasks: Mapping[str, Mapping[str, str | None]], day: date) -> Iterator[tuple[str, date]]:
    """The runs of older days that may deliver yet without a person, each with its day.

    ``tasks`` has by run the state of each of its tasks `approve` and `deliver`, with `_0`, `_1`, .. where mapped.
    """
    for run, states in tasks.items():
        found = _DAY.search(run)
        older = date.fromisoformat(found[1]) if found else day
        if older < day and any(_may_deliver_yet(task, states) for task in states if task.startswith(DELIVER)):
            yield run, older


def _may_deliver_yet(task: str, states: Mapping[str, str | None]) -> bool:
    is_asked = states.get(task.replace(DELIVER, APPROVE)) == TaskInstanceState.AWAITING_INPUT
    return states[task] not in _ENDED and not is_asked
