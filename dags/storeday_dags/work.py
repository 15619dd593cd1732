"""How a task opens the workplace, under the run's name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from airflow.sdk import get_current_context

if TYPE_CHECKING:
    from storeday.stages import Workplace


@contextmanager
def open_work() -> Iterator[Workplace]:
    """The installation that the environment names; events carry the run's id."""
    from storeday.stages import Workplace

    context = get_current_context()
    with Workplace.open(by=f"{context['run_id']} ({context['ti'].task_id})") as work:
        yield work


def name_by(what: str) -> None:
    """Name this mapped task in the UI, where ``map_index_template`` is ``{{ named }}``."""
    get_current_context()["named"] = what  # type: ignore[typeddict-unknown-key]
