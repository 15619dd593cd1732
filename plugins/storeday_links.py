"""From a task of ours to the board: the store-day that it worked on, or the board where it is about no store.

Airflow asks a plugin's links of every task of every DAG; those that are not ours have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin
from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from datetime import date

OURS = {"close_store_days", "collect_pos_files", "reconcile_sage", "sync_stock"}


class BoardLink(BaseOperatorLink):
    """The button "Store days" of a task."""

    name = "Store days"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002 Airflow's way to ask
        """The board's page; empty for a task that is not ours."""
        if ti_key.dag_id not in OURS:
            return ""
        from storeday_airflow.pages import served_below

        store, day = _label_and_day(ti_key)
        page = f"day/{store}/{day.isoformat()}" if store and day else ""
        return f"{served_below()}/storeday/{page}"


def _label_and_day(ti_key: Any) -> tuple[str, date | None]:
    """The store that a mapped task is named after, and the trading day of its run, where there are such."""
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select
    from storeday.config.environment import config_folder
    from storeday.config.load import schedule_facts
    from storeday.model.days import day_of

    query = (
        select(TaskInstance.rendered_map_index, DagRun.partition_key, DagRun.conf)  # type: ignore[call-overload]
        .join(DagRun, (DagRun.dag_id == TaskInstance.dag_id) & (DagRun.run_id == TaskInstance.run_id))
        .where(
            TaskInstance.dag_id == ti_key.dag_id,
            TaskInstance.run_id == ti_key.run_id,
            TaskInstance.task_id == ti_key.task_id,
            TaskInstance.map_index == ti_key.map_index,
        )
    )
    with create_session() as session:
        label, key, conf = session.execute(query).one()
    said = key or (conf or {}).get("day")
    if label not in schedule_facts(config_folder()).stores or not said:
        return "", None
    try:
        return label, day_of(str(said))
    except ValueError:
        return "", None


class StoredayLinksPlugin(AirflowPlugin):
    """The links of tasks."""

    name = "storeday_links"
    global_operator_extra_links = [BoardLink()]  # noqa: RUF012  # Airflow's own way to say it
