"""Write each company's audit of a month: every store-day, the tills against Sage, VAT, who decided what.

Runs on the third of each month for the month before, when its last day and the reading back from Sage had a day to be
put right. The partition key is the month's first day; a run by hand takes any day of the month. A month that is still
open is written as it stands, and again by the next run: the same ledger gives the same files.
"""

import logging

from airflow.sdk import CronPartitionTimetable, Param, dag, get_current_context, task
from storeday_dags import (
    DELIVERED,
    RETRY,
    SAGE,
    every,
    first_day,
    name_by,
    open_work,
    tell_failed,
    timezone,
    trading_day,
)

log = logging.getLogger(__name__)


@dag(
    schedule=CronPartitionTimetable("30 7 3 * *", timezone=timezone(), run_offset=-1, key_format="%Y-%m-01"),
    start_date=first_day(),
    catchup=False,
    max_active_runs=1,
    tags=["storeday", "audit"],
    dag_display_name="Audit the month",
    description="Write each company's proof of a month as page, PDF and figures",
    doc_md=__doc__,
    default_args={"owner": "storeday", "retry_policy": RETRY, "on_failure_callback": tell_failed},
    params={
        "day": Param(
            None,
            type=["null", "string"],
            format="date",
            title="A day of the month",
            description="Of a run by hand: any day of the month to audit.",
        )
    },
)
def audit_month() -> None:
    @task(retries=2, task_display_name="Which companies")
    def which_companies() -> list[str]:
        """Which companies have days of this month, from the settings."""
        day = trading_day(get_current_context())
        from storeday.stages.audit import audited_companies

        with open_work() as work:
            return audited_companies(work, day)

    @task(
        retries=2,
        inlets=every(DELIVERED, SAGE),
        task_display_name="Write the audit",
        map_index_template="{{ named }}",
        doc_md="Gather the company's month and write page, PDF and figures.",
    )
    def write_audit(company: str) -> None:
        name_by(company)
        from storeday.stages.audit import audit_month as audit_company

        with open_work() as work:
            log.info("%s", audit_company(work, company, trading_day(get_current_context())))

    write_audit.expand(company=which_companies())


audit_month()
