"""What the board is told of the world around it: who asks, what they may, and where Airflow's own pages are.

Airflow's answers come from plugins/storeday_board.py; tests give their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

from storeday.board.installation import Installation
from storeday.model.errors import StoredayError


class NotAsked(StoredayError):
    """Airflow would not start what was asked for; the message says why. Nothing was started."""


@dataclass(frozen=True)
class Person:
    """Who asks, and what they may."""

    name: str
    may_read: bool
    may_act: bool = False  # release, accept, roll back, ask for runs
    may_see_samples: bool = False  # single receipts: examples of a hold, Data Docs


class ByTask(NamedTuple):
    """A task of a run, as events name it: ``run_id (task_id)``."""

    run_id: str
    task_id: str


class AirflowPages(Protocol):
    """Airflow's own pages and runs, as far as the board needs them."""

    def login(self, back_to: str) -> str:
        """Where a person logs in, to come back to a path afterwards."""

    def logs(self, store: str, tasks: Iterable[ByTask]) -> Mapping[ByTask, tuple[str, str]]:
        """The pages of tasks' runs and logs, those of a mapped task of the store's own; unknown ones are left out."""

    def run_day(self, day: date, stores: list[str], by: str) -> None:
        """Start a run of close_store_days for a trading day and these stores. Raises: NotAsked."""

    def backfill(self, first: date, last: date, by: str) -> None:
        """Ask for the runs that a range lacks or that failed, both ends included. Raises: NotAsked."""


@dataclass(frozen=True)
class Doors:
    """The board's way to the world. ``who`` is a FastAPI dependency and raises HTTPException 401 for a stranger."""

    who: Callable[..., Any]  # gives a Person
    secret: str  # signs what forms carry
    airflow: AirflowPages
    installation: Installation
