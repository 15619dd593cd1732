"""Read each company's Sage back and hold it to what was handed over.

Runs each morning. The partition key is a day; what is compared are the trading days up to it, less those that may still
be imported (`readback.import_within_days`), as far back as `readback.window_days` says. Store-days whose figures are
Sage's are confirmed; each difference is told, shown on the board and left to a person: nothing is staged by this.
The same reading of the same deliveries is compared once. The run ends red while anything differs.
Beside it, the statements of banks and card acquirers that came to their place (`source` in bank.yaml) are held to what
the stores took; what is off there is told once and turns no run red.
"""

import logging

from airflow.sdk import CronPartitionTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException
from storeday_dags import (
    CONFIRMED,
    READY,
    RETRY,
    SAGE,
    alert_people,
    every,
    first_day,
    name_by,
    open_work,
    tell,
    tell_failed,
    timezone,
    trading_day,
)

log = logging.getLogger(__name__)


@dag(
    schedule=CronPartitionTimetable("0 7 * * *", timezone=timezone(), run_offset=-1, key_format="%Y-%m-%d"),
    start_date=first_day(),
    catchup=False,
    max_active_runs=1,
    tags=["storeday", "reconcile"],
    dag_display_name="Reconcile with Sage",
    description="Read each company's Sage back and hold it to what was handed over",
    doc_md=__doc__,
    default_args={"owner": "storeday", "retry_policy": RETRY, "on_failure_callback": tell_failed},
    params={"day": Param(None, type=["null", "string"], format="date", title="Day", description="Of a run by hand.")},
)
def reconcile_sage() -> None:
    @task(retries=2, task_display_name="Which companies")
    def which_companies() -> list[str]:
        """The companies whose settings say how their Sage is read back."""
        from storeday.stages.reconcile import companies_read_back

        with open_work() as work:
            return companies_read_back(work)

    @task(
        retries=4,
        inlets=every(SAGE),
        outlets=every(CONFIRMED),
        task_display_name="Read Sage back and compare",
        map_index_template="{{ named }}",
        doc_md="Confirm the store-days whose figures are Sage's, and name each difference once.",
    )
    def reconcile(company: str) -> None:
        name_by(company)
        from storeday.stages.alerts import unmatched
        from storeday.stages.difference_table import difference_table
        from storeday.stages.reconcile import days_to_compare
        from storeday.stages.reconcile import reconcile as reconcile_company

        with open_work() as work:
            days = days_to_compare(work.settings.company(company), trading_day(get_current_context()))
            found = reconcile_company(work, company, *days)
            log.info("%s\n%s", found, difference_table(found))
            tell(found, CONFIRMED)
            alert_people(work, unmatched(found))

    @task(retries=2, trigger_rule="all_done", inlets=every(CONFIRMED), task_display_name="Does all agree?")
    def nothing_differs() -> None:
        """Red while a difference is open, of whatever day: leaves decide a run's colour."""
        from storeday.stages.reconcile import companies_read_back

        with open_work() as work:
            open_ones = {code: len(work.ledger.open_differences(code)) for code in companies_read_back(work)}
        said = ", ".join(f"{code} {many}" for code, many in open_ones.items() if many)
        if said:
            raise AirflowFailException(f"differences are open: {said}; the log of the comparison says which")

    @task(retries=2, task_display_name="Which banks")
    def which_banks() -> list[str]:
        """The companies whose settings say where their bank's statements come to."""
        from storeday.stages.bank import banks_watched

        with open_work() as work:
            return banks_watched(work)

    @task(
        retries=4,
        inlets=every(READY),
        task_display_name="Hold the bank to the takings",
        map_index_template="{{ named }}",
        doc_md="Match deposits with the bank's lines, and write and tell what is off.",
    )
    def hold_to_bank(company: str) -> None:
        name_by(company)
        from storeday.stages.alerts import off_in_the_bank
        from storeday.stages.bank import hold_to_watched
        from storeday.stages.bank_table import bank_text

        with open_work() as work:
            for report in hold_to_watched(work, company):
                log.info("%s", bank_text(report))
                alert_people(work, off_in_the_bank(company, report.findings))

    reconcile.expand(company=which_companies()) >> nothing_differs()
    hold_to_bank.expand(company=which_banks())


reconcile_sage()
