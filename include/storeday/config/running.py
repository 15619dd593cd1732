"""How the work is run, whatever the company: how many stores a task takes, and how much it asks of the stores' servers.

    {config}/running.yaml, which may be left out

    stores_per_task: 1      # how many stores one Airflow task takes; see docs/architecture.md, "Grain"
    sftp_connections: 8     # how many tasks may have a connection to the stores' servers at once, in all DAGs
    downloads_at_once: 16   # how many files one task fetches at once, all over its one connection

Only the work's pace depends on it, never a result.
"""

from __future__ import annotations

from typing import Final

from pydantic import Field

from storeday.config.strict import Strict

RUNNING_FILE: Final = "running.yaml"

SFTP_POOL: Final = "storeday_sftp"
"""Airflow's pool of the tasks that ask the stores' servers. One for all of them: a connection id says nothing of the
server behind it, since each store logs in as itself."""

MAPPED_AT_MOST: Final = 1024
"""How many tasks Airflow makes of one list unless told otherwise: ``[core] max_map_length``."""


class Running(Strict):
    """How the work of one installation is run."""

    stores_per_task: int = Field(default=1, ge=1, le=1000)
    sftp_connections: int = Field(default=8, ge=1, le=1000)  # the slots of SFTP_POOL
    downloads_at_once: int = Field(default=16, ge=1, le=64)

    def tasks_of(self, stores: int) -> int:
        """How many tasks so many stores make.

        >>> Running(stores_per_task=50).tasks_of(1001)
        21
        """
        return -(-stores // self.stores_per_task)

    def faults(self, stores: int) -> list[str]:
        """What is wrong with it for so many stores, each fault with its key."""
        tasks = self.tasks_of(stores)
        if tasks <= MAPPED_AT_MOST:
            return []
        needed = -(-stores // MAPPED_AT_MOST)
        return [
            f"stores_per_task: {self.stores_per_task} makes {tasks:,} tasks of {stores:,} stores, and Airflow takes "
            f"{MAPPED_AT_MOST:,} of one list at most ([core] max_map_length); say {needed} or more, 50 for example"
        ]
