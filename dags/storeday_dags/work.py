"""How a task opens the workplace, under the run's name."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from airflow.sdk import get_current_context
from storeday.model.errors import StoredayError

from storeday_dags.assets import tell_nothing_yet

if TYPE_CHECKING:
    from storeday.stages import Workplace

log = logging.getLogger(__name__)


@contextmanager
def open_work() -> Iterator[Workplace]:
    """The installation that the environment names; events carry the run's id.

    What goes wrong on purpose (a held store-day, a server that is away) stands in the log in plain lines, above
    Airflow's own account of the exception.
    """
    from storeday.stages import Workplace

    context = get_current_context()
    tell_nothing_yet()
    try:
        with Workplace.open(by=f"{context['run_id']} ({context['ti'].task_id})") as work:
            yield work
    except StoredayError as error:
        for line in str(error).splitlines():
            log.error("%s", line)
        raise


def name_by(what: str) -> None:
    """Name this mapped task in the UI, where ``map_index_template`` is ``{{ named }}``."""
    get_current_context()["named"] = what  # type: ignore[typeddict-unknown-key]
