"""What Airflow's REST interface answers, as the demo and the live tests know it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from urllib.parse import quote

import httpx

from storeday.model.errors import StoredayError

Reprocess = Literal["none", "failed", "completed"]


class AirflowRefused(StoredayError):
    """Airflow said no, or a DAG does not load; the message is Airflow's own."""


@dataclass(frozen=True)
class Run:
    """One run of a DAG. `day` is its partition key, the trading day; None in a run without one."""

    dag_id: str
    run_id: str
    day: str | None
    state: str

    @property
    def is_finished(self) -> bool:
        """Whether nothing changes in it any more by itself."""
        return self.state in {"success", "failed"}


@dataclass(frozen=True)
class TaskInstance:
    """One task of a run. `label` is its rendered map index: the store's code, where the task has set it."""

    run: Run
    task_id: str
    map_index: int
    label: str | None
    state: str | None
    try_number: int
    pid: int | None  # of the process that it is or was at work in


@dataclass(frozen=True)
class AssetEvent:
    """That something new was made: which asset, by which task of which trading day, and the facts."""

    asset: str
    task_id: str
    day: str | None
    facts: dict[str, Any]


def backfill_of(dag_id: str, first: date, last: date, reprocess: Reprocess) -> dict[str, Any]:
    """The body that asks for a backfill.

    Airflow reads the clock time of both ends in the DAG's own zone and looks for the cron's ticks between
    them: without a time the last day would end at midnight, before its tick, and be left out.
    """
    return {
        "dag_id": dag_id,
        "from_date": f"{first}T00:00:00Z",
        "to_date": f"{last}T23:59:59Z",
        "reprocess_behavior": reprocess,
    }


def run_of(answer: dict[str, Any]) -> Run:
    """A run, as the API describes it."""
    return Run(answer["dag_id"], answer["dag_run_id"], answer["partition_key"], answer["state"])


def lines_of(event: str | dict[str, Any]) -> list[str]:
    """An event of a log: what it says, and a line an exception."""
    if isinstance(event, str):
        return [event]
    errors = event.get("error_detail") or []
    return [str(event["event"]), *(f"{error['exc_type']}: {error['exc_value']}" for error in errors)]


def path_of(run: Run) -> str:
    """Where the API has a run."""
    return f"dags/{run.dag_id}/dagRuns/{quote(run.run_id, safe='')}"


def json_of(answer: httpx.Response) -> dict[str, Any]:
    """What was answered. Raises: AirflowRefused with Airflow's own words where that is a no."""
    if answer.is_error:
        raise AirflowRefused(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    read: dict[str, Any] = answer.json()
    return read
