"""Airflow's pages and runs, as the board asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import quote, urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.datamodels.backfills import BackfillPostBody
from airflow.api_fastapi.core_api.datamodels.dag_run import TriggerDAGRunPostBody
from airflow.api_fastapi.core_api.routes.public.backfills import create_backfill
from airflow.api_fastapi.core_api.routes.public.dag_run import trigger_dag_run
from airflow.configuration import conf
from airflow.models.backfill import ReprocessBehavior
from airflow.models.dag import DagModel
from airflow.models.dagbag import DBDagBag
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from sqlalchemy import select
from storeday.board.doors import ByTask, NotAsked

CLOSE: Final = "close_store_days"
RUNS_AT_ONCE: Final = 4  # of a backfill, as the DAG allows


@dataclass(frozen=True)
class _Asks:
    """A person in the shape that Airflow's own routes want: runs keep the name."""

    name: str

    def get_name(self) -> str:
        return self.name

    def get_id(self) -> str:
        return self.name


class Pages:
    """Airflow as the board's doors know it."""

    def login(self, back_to: str) -> str:
        """Where a person logs in, to come back to a path afterwards."""
        return get_auth_manager().get_url_login(next_url=back_to)

    def logs(self, store: str, tasks: Iterable[ByTask]) -> Mapping[ByTask, tuple[str, str]]:
        """The pages of tasks' runs and logs; of a mapped task the one that is named after the store."""
        asked = set(tasks)
        query = select(TaskInstance.dag_id, TaskInstance.run_id, TaskInstance.task_id, TaskInstance.map_index).where(
            TaskInstance.run_id.in_({task.run_id for task in asked}),
            TaskInstance.task_id.in_({task.task_id for task in asked}),
            (TaskInstance.map_index < 0) | (TaskInstance.rendered_map_index == store),  # type: ignore[comparison-overlap]
        )
        with create_session() as session:
            found = session.execute(query).all()
        return {
            ByTask(run_id, task_id): (_run(dag_id, run_id), _task(dag_id, run_id, task_id, map_index))
            for dag_id, run_id, task_id, map_index in found
            if ByTask(run_id, task_id) in asked
        }

    def run_day(self, day: date, stores: list[str], by: str) -> None:
        """Start a run of close_store_days for a trading day and these stores. Raises: NotAsked.

        Through Airflow's own route, so that a run by hand is what it is in the web UI.
        """
        body = TriggerDAGRunPostBody(logical_date=None, partition_key=day.isoformat(), conf={"stores": stores})
        from_the_board = SimpleNamespace(headers={"referer": "storeday board"})
        with _asking() as session:
            trigger_dag_run(CLOSE, body, DBDagBag(), _Asks(by), session, from_the_board)  # type: ignore[arg-type]

    def backfill(self, first: date, last: date, by: str) -> None:
        """Ask for the runs that a range lacks or that failed, both ends included. Raises: NotAsked.

        Airflow looks for the cron's ticks between two moments: the end is the last moment of its day, since at
        midnight the day's tick would still be out.
        """
        body = BackfillPostBody(
            dag_id=CLOSE,
            from_date=datetime.combine(first, time.min, UTC),
            to_date=datetime.combine(last, time(23, 59, 59), UTC),
            max_active_runs=RUNS_AT_ONCE,
            reprocess_behavior=ReprocessBehavior.FAILED,
        )
        with _asking() as session:
            create_backfill(body, _Asks(by), session)  # type: ignore[arg-type]


@contextmanager
def _asking() -> Iterator[Any]:
    """A session for one of Airflow's own routes; what that refuses is told in its own words. Raises: NotAsked."""
    try:
        with create_session() as session:
            if session.scalar(select(DagModel.is_paused).where(DagModel.dag_id == CLOSE)):
                raise NotAsked(f"{CLOSE} is paused, and its runs would wait: unpause it in Airflow first.")
            yield session
    except HTTPException as error:
        raise NotAsked(f"Airflow says: {error.detail}") from error
    except RequestValidationError as error:
        raise NotAsked(f"Airflow says: {error.errors()}") from error


def _run(dag_id: str, run_id: str) -> str:
    return f"{served_below()}/dags/{dag_id}/runs/{quote(run_id, safe='')}"


def _task(dag_id: str, run_id: str, task_id: str, map_index: int) -> str:
    mapped = f"/mapped/{map_index}" if map_index >= 0 else ""
    return f"{_run(dag_id, run_id)}/tasks/{task_id}{mapped}"


def served_below() -> str:
    """The path that Airflow's web UI is served below; empty where it has the host to itself."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
