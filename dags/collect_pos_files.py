"""Fetch what is new from every store's tills, every hour.

A mapped task a store. Only complete files are taken (their marker is there); each lands under its
SHA-256, is read and checked as a file, and gets a row in the ledger with its fate. A rejected file doesn't
fail the task: it holds its store-day, with the reason, when the day is closed.
"""

from airflow.sdk import CronTriggerTimetable, dag, task
from storeday_dags import LANDED, RETRY, TILLS, collect_store, every, first_day, open_work, tell_failed, timezone


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
    def which_stores() -> list[str]:
        with open_work() as work:
            return [store.code for store in work.settings.stores()]

    @task(
        retries=4,
        retry_policy=RETRY,
        inlets=every(TILLS),
        outlets=every(LANDED),
        task_display_name="Fetch its files",
        map_index_template="{{ named }}",
        doc_md="Fetch, land and read one store's new files.",
    )
    def collect(store: str) -> None:
        collect_store(store)

    collect.expand(store=which_stores())


collect_pos_files()
