"""Airflow's pages and runs, as the board asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.configuration import conf
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from sqlalchemy import select
from storeday.board.doors import ByTask

CLOSE: Final = "close_store_days"


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


def _run(dag_id: str, run_id: str) -> str:
    return f"{served_below()}/dags/{dag_id}/runs/{quote(run_id, safe='')}"


def _task(dag_id: str, run_id: str, task_id: str, map_index: int) -> str:
    mapped = f"/mapped/{map_index}" if map_index >= 0 else ""
    return f"{_run(dag_id, run_id)}/tasks/{task_id}{mapped}"


def served_below() -> str:
    """The path that Airflow's web UI is served below; empty where it has the host to itself."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
