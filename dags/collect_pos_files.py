"""Fetch what is new from every store's tills, every hour.

A mapped task a store; or one for several, where the settings say so (stores_per_task), and then a task of its own for
each store that could not be asked. Only complete files are taken (their marker is there); each lands under its
SHA-256, is read and checked as a file, and gets a row in the ledger with its fate. A rejected file doesn't
fail the task: it holds its store-day, with the reason, when the day is closed.
"""

from airflow.sdk import CronTriggerTimetable, dag, task
from storeday_dags import (
    LANDED,
    RETRY,
    SFTP_POOL,
    TILLS,
    collect_store,
    collect_together,
    every,
    first_day,
    open_work,
    shared_out,
    stores_per_task,
    tell_failed,
    timezone,
)
from storeday_dags.together import Shared, which_are_left


@dag(
    schedule=CronTriggerTimetable("10 * * * *", timezone=timezone()),
    start_date=first_day(),
    catchup=False,
    max_active_runs=1,
    tags=["storeday", "collect"],
    dag_display_name="Collect the tills' files",
    description="Fetch what is new from every store",
    doc_md=__doc__,
    default_args={"owner": "storeday", "on_failure_callback": tell_failed},
)
def collect_pos_files() -> None:
    @task(
        retries=4,
        retry_policy=RETRY,
        task_display_name="Which stores",
        doc_md="Which stores there are, from the settings.",
    )
    def which_stores() -> Shared:
        with open_work() as work:
            return shared_out(work, [store.code for store in work.settings.stores()])

    @task(
        retries=2,
        retry_policy=RETRY,
        pool=SFTP_POOL,
        inlets=every(TILLS),
        outlets=every(LANDED),
        task_display_name="Fetch these stores' files",
        map_index_template="{{ named }}",
        doc_md="Fetch, land and read the new files of several stores; green with those that could be asked.",
    )
    def collect_stores(stores: list[str]) -> list[str]:
        return collect_together(stores)

    @task(
        retries=4,
        retry_policy=RETRY,
        pool=SFTP_POOL,
        inlets=every(TILLS),
        outlets=every(LANDED),
        task_display_name="Fetch its files",
        map_index_template="{{ named }}",
        doc_md="Fetch, land and read one store's new files.",
    )
    def collect(store: str) -> None:
        collect_store(store)

    stores = alone = which_stores()
    if stores_per_task() > 1:
        alone = which_are_left(stores, collect_stores.expand(stores=stores))  # type: ignore[arg-type]
    collect.expand(store=alone)


collect_pos_files()
