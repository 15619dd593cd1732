"""What the DAG files share: schedule, retries, assets, and the one way a task opens the workplace.

Thin on purpose: DAG files are parsed every half minute, so nothing here imports pandas or Great
Expectations before a task runs.
"""

from storeday.config.running import SFTP_POOL

from storeday_dags.approving import ApproveBatch
from storeday_dags.assets import (
    CHECKED,
    CONFIRMED,
    DELIVERED,
    LANDED,
    READY,
    SAGE,
    STAGED,
    STOCK_DELIVERED,
    STOCK_STAGED,
    TILLS,
    every,
    tell,
)
from storeday_dags.collecting import collect_store
from storeday_dags.lineage import tell_lineage
from storeday_dags.older_days import let_older_days_go_first
from storeday_dags.retries import RETRY
from storeday_dags.schedule import first_day, is_dry_run, stores, stores_per_task, timezone, trading_day
from storeday_dags.telling import alert_people, tell_failed, tell_late
from storeday_dags.together import all_of, close_together, collect_together, shared_out
from storeday_dags.work import name_by, open_work

__all__ = [
    "CHECKED",
    "CONFIRMED",
    "DELIVERED",
    "LANDED",
    "READY",
    "RETRY",
    "SAGE",
    "SFTP_POOL",
    "STAGED",
    "STOCK_DELIVERED",
    "STOCK_STAGED",
    "TILLS",
    "ApproveBatch",
    "alert_people",
    "all_of",
    "close_together",
    "collect_store",
    "collect_together",
    "every",
    "first_day",
    "is_dry_run",
    "let_older_days_go_first",
    "name_by",
    "open_work",
    "shared_out",
    "stores",
    "stores_per_task",
    "tell",
    "tell_failed",
    "tell_late",
    "tell_lineage",
    "timezone",
    "trading_day",
]
