"""Airflow's pool that keeps the tasks at the stores' servers few, made and sized as the settings say.

A task whose pool does not exist is never started. So the pool is made where no one can forget it: whenever one of
Airflow's processes with a database starts, scheduler, DAG processor or triggerer. What ``sftp_connections`` says
counts from the next such start on.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

log = logging.getLogger(__name__)

DESCRIPTION = "tasks at the stores' servers at once; sftp_connections in running.yaml"


@hookimpl
def on_starting(component: Any) -> None:
    """Called by Airflow: with a Job where a process of its own starts, with something else where a task does."""
    if type(component).__name__ == "Job":
        make_pool()


def make_pool() -> None:
    """Make the pool, or give it the size that the settings say; settings that can't be read leave it as it is."""
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy.exc import IntegrityError
    from storeday.config.environment import config_folder
    from storeday.config.load import running_settings
    from storeday.config.running import SFTP_POOL, Running
    from storeday.model.errors import SettingsError

    with create_session() as session:
        known = Pool.get_pool(SFTP_POOL, session=session)
    try:
        running = running_settings(config_folder())
    except SettingsError as error:
        log.error("pool %s is not sized by the settings: %s", SFTP_POOL, error)
        if known:
            return
        running = Running()
    if known and known.slots == running.sftp_connections:
        return
    try:
        with create_session() as session:
            slots = running.sftp_connections
            Pool.create_or_update_pool(SFTP_POOL, slots, DESCRIPTION, include_deferred=False, session=session)
    except IntegrityError:
        log.info("pool %s was made by another process at the same moment", SFTP_POOL)


class StoredayPoolPlugin(AirflowPlugin):
    """Listens for Airflow's processes that start."""

    name = "storeday_pool"
    listeners = [sys.modules[__name__]]  # noqa: RUF012  # Airflow's own way to say it
