"""What the board is told of the world around it: who asks, what they may, and where Airflow's own pages are.

Airflow's answers come from plugins/storeday_board.py; tests give their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from storeday.board.installation import Installation


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


@dataclass(frozen=True)
class Doors:
    """The board's way to the world. ``who`` is a FastAPI dependency and raises HTTPException 401 for a stranger."""

    who: Callable[..., Any]  # gives a Person
    secret: str  # signs what forms carry
    airflow: AirflowPages
    installation: Installation
