"""How a live test asks for an Airflow of its own: what conftest.py in tests/live starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from storeday.demo.airflow_api import AirflowApi
from storeday.demo.airflow_process import AirflowStandalone

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class RunningAirflow:
    """An Airflow that is up, and a client that is logged in to it."""

    process: AirflowStandalone
    api: AirflowApi


class StartAirflow(Protocol):
    """How a test asks for an Airflow of its own; the folders are the project's unless it names others."""

    def __call__(
        self,
        *,
        dags: Path = PROJECT / "dags",
        plugins: Path = PROJECT / "plugins",
        environment: dict[str, str] | None = None,
        on_schedule: bool = False,
    ) -> RunningAirflow: ...
