"""Fetching one store's new files: the same task in the hourly DAG and in the morning's."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import get_current_context

from storeday_dags.assets import LANDED, tell
from storeday_dags.lineage import tell_lineage
from storeday_dags.telling import alert_people, run_day
from storeday_dags.work import name_by, open_work

if TYPE_CHECKING:
    from storeday.stages import Collected, Workplace

log = logging.getLogger(__name__)


def collect_store(store: str) -> None:
    """Fetch, land and read what is new of a store; say it with the money, in the log and in the asset's event."""
    name_by(store)
    from storeday.stages import collect

    with open_work() as work:
        found = collect(work, store)
        say_collected(work, found)
        tell(found, LANDED)


def say_collected(work: Workplace, found: Collected) -> None:
    """Say what was found at a store's source, to the log, to lineage, and to people what waits there too long."""
    from storeday.stages.alerts import stuck_files
    from storeday.stages.lineage import of_collect

    tell_lineage(lambda: of_collect(work, found))
    log.info("%s", found)
    if found.waiting:
        alert_people(work, stuck_files(work, found.store, found.waiting, run_day(get_current_context())))
