"""From when a run's deadline counts: from when the run was queued.

Airflow's own ``DeadlineReference.DAGRUN_QUEUED_AT`` says the same, but in 3.3.2 the clearing of any task of a run with
such a deadline ends in an error 500: ``_recalculate_dagrun_queued_at_deadlines`` takes the interval for a number of
seconds, and it is kept as a dictionary. A reference of one's own is left alone there. Nor does a run of a trading day
have a logical date that a deadline could count from.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin
from airflow.sdk.definitions.deadline import BaseDeadlineReference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class RunQueued(BaseDeadlineReference):
    """The moment that a run was queued first; clearing its tasks doesn't move it."""

    required_kwargs = frozenset({"dag_id", "run_id"})

    def _evaluate_with(self, *, session: Session, dag_id: str, run_id: str, **_: Any) -> datetime | None:
        from airflow.models import DagRun
        from sqlalchemy import select

        queued = select(DagRun.queued_at).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        return session.scalar(queued)


class RunDeadlinePlugin(AirflowPlugin):
    """Makes the reference known to Airflow."""

    name = "storeday_run_deadline"
    deadline_references = [RunQueued]  # noqa: RUF012  # Airflow's own way to say it
