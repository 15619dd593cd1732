"""Stage what each company's stock moved: quantities sold and returned, and counts against the book.

Runs each night for the trading day before, when stores that were held in the morning had a day to be put
right. The partition key is the trading day. Earlier days that were checked since come along, each in a batch of its
own; a store-day whose takings are not checked waits, and the run ends red, so that it is seen. A count that is too
far from the book is a warning in the log and an alert in the asset's event. Finished days are no-ops.
"""

import logging

from airflow.sdk import CronPartitionTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException
from storeday_dags import (
    READY,
    RETRY,
    SAGE,
    STOCK_DELIVERED,
    STOCK_STAGED,
    alert_people,
    every,
    first_day,
    name_by,
    open_work,
    tell,
    tell_failed,
    tell_lineage,
    timezone,
    trading_day,
)

log = logging.getLogger(__name__)


@dag(
    schedule=CronPartitionTimetable("0 22 * * *", timezone=timezone(), run_offset=-1, key_format="%Y-%m-%d"),
    start_date=first_day(),
    catchup=False,
    max_active_runs=1,
    tags=["storeday", "stock"],
    dag_display_name="Sync stock",
    description="Stage what each company's stock moved",
    doc_md=__doc__,
    default_args={"owner": "storeday", "retry_policy": RETRY, "on_failure_callback": tell_failed},
    params={
        "day": Param(None, type=["null", "string"], format="date", title="Trading day", description="Of a run by hand.")
    },
)
def sync_stock() -> None:
    @task(retries=2, task_display_name="Which companies")
    def which_companies() -> list[str]:
        """Which companies stage stock of this trading day, from the settings."""
        from storeday.stages.stock import stock_companies

        with open_work() as work:
            return [c.company.code for c in stock_companies(work, trading_day(get_current_context()))]

    @task(
        retries=2,
        inlets=every(READY),
        outlets=every(STOCK_STAGED),
        task_display_name="Stage the stock",
        map_index_template="{{ named }}",
        doc_md="Keep the company's book, and stage what is not delivered of it.",
    )
    def stage(company: str) -> None:
        name_by(company)
        from storeday.stages.alerts import stock_counts
        from storeday.stages.lineage import of_stage
        from storeday.stages.stock import sync_stock as sync_company

        with open_work() as work:
            staged = sync_company(work, company, trading_day(get_current_context()))
            tell_lineage(lambda: of_stage(work, staged))
            log.info("%s", staged)
            tell(staged, STOCK_STAGED)
            alert_people(work, stock_counts(work, [(store, day) for store, day, _ in staged.alerts]))

    @task(
        retries=2,
        inlets=every(STOCK_STAGED),
        outlets=every(STOCK_DELIVERED, SAGE),
        task_display_name="Deliver the stock",
        map_index_template="{{ named }}",
        doc_md="Hand the drafts over to the outbox, where the company delivers automatically.",
    )
    def deliver(company: str) -> None:
        name_by(company)
        from storeday.stages.lineage import of_deliver
        from storeday.stages.stock import deliver_stock as deliver_company

        with open_work() as work:
            if work.settings.company(company).company.delivery != "automatic":
                log.info("%s delivers by hand: its drafts wait in staging", company)
                return
            delivered = deliver_company(work, company)
            tell_lineage(lambda: of_deliver(work, delivered))
        log.info("%s", delivered)
        tell(delivered, STOCK_DELIVERED, SAGE)

    @task(retries=2, trigger_rule="all_done", inlets=every(STOCK_STAGED), task_display_name="Is all stock staged?")
    def every_store_staged() -> None:
        """Red where a store's stock of this trading day is not staged: leaves decide a run's colour."""
        from storeday.stages.stock import stock_missing

        day = trading_day(get_current_context())
        with open_work() as work:
            missing = stock_missing(work, day)
        if missing:
            raise AirflowFailException(f"{day.isoformat()}: no stock staged of {', '.join(missing)}; stage says why")

    companies = which_companies()
    stage.expand(company=companies) >> deliver.expand(company=companies) >> every_store_staged()


sync_stock()
