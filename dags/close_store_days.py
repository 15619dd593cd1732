"""Close each store's trading day and stage its company's Sage 50 batch.

Runs each morning for the trading day before, and is the DAG to backfill: the partition key is the trading
day. A store that is held or sent nothing shows red on its own mapped task and never keeps the others; a
run with a store not staged ends red, so that a backfill that reprocesses failed runs finds it.
Finished days are no-ops.

Where the settings give a task several stores (stores_per_task), those go through it together first, and only a store
that does not get ready there has mapped tasks of its own.
"""

import logging
from datetime import timedelta

from airflow.sdk import Param, dag, get_current_context, task, task_group
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from run_deadline import RunQueued
from storeday_dags import (
    CHECKED,
    DELIVERED,
    LANDED,
    READY,
    RETRY,
    SAGE,
    SFTP_POOL,
    STAGED,
    TILLS,
    ApproveBatch,
    alert_people,
    all_of,
    close_together,
    collect_store,
    every,
    first_day,
    is_dry_run,
    let_older_days_go_first,
    name_by,
    open_work,
    shared_out,
    stores_per_task,
    tell,
    tell_failed,
    tell_late,
    tell_lineage,
    timezone,
    trading_day,
)
from storeday_dags import stores as all_stores
from storeday_dags.together import Shared, which_are_left
from trading_days import TradingDaysTimetable

log = logging.getLogger(__name__)

LATE_AFTER = timedelta(hours=3)
"""How long after a morning's run was due somebody is told what is not delivered."""


@dag(
    schedule=TradingDaysTimetable("0 6 * * *", timezone=timezone(), run_offset=-1, key_format="%Y-%m-%d"),
    start_date=first_day(),
    catchup=False,
    max_active_runs=31,  # a month of mornings may wait for an approval and keep none that comes after
    deadline=DeadlineAlert(RunQueued(), LATE_AFTER, SyncCallback(tell_late)),
    tags=["storeday", "close"],
    dag_display_name="Close store days",
    description="Check each store's day, stage and deliver its company's batch",
    doc_md=__doc__,
    default_args={"owner": "storeday", "retry_policy": RETRY, "on_failure_callback": tell_failed},
    params={
        "day": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Trading day",
            description="Of a run by hand, unless its partition key says it.",
        ),
        "stores": Param(
            [],
            type="array",
            items={"type": "string"},
            examples=list(all_stores()),
            title="Stores",
            description="Only these; none chosen: all.",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description="Check the day and show what would be staged; nothing is staged, delivered or told.",
        ),
    },
)
def close_store_days() -> None:
    @task(retries=2, task_display_name="Which stores")
    def which_stores() -> Shared:
        """Which stores traded on this day, or sent something for it all the same."""
        context = get_current_context()
        day, only = trading_day(context), context["params"]["stores"]
        from storeday.stages import stores_of

        with open_work() as work:
            known = stores_of(work, day)
            return shared_out(work, [code for code in known if not only or code in only])

    @task(retries=2, task_display_name="Which companies")
    def which_companies() -> list[str]:
        """Which companies have this trading day, from the settings."""
        day = trading_day(get_current_context())
        with open_work() as work:
            return [c.company.code for c in work.settings.companies if c.company.first_day <= day]

    @task(
        retries=2,
        pool=SFTP_POOL,
        inlets=every(TILLS),
        outlets=every(LANDED, CHECKED, READY),
        task_display_name="Close these stores",
        map_index_template="{{ named }}",
        doc_md="Fetch, check and work out the lines of several stores; green with those that are ready.",
    )
    def close_stores(stores: list[str]) -> list[str]:
        return close_together(stores)

    @task_group(group_display_name="Each store's day")
    def store_day(store: str) -> None:
        @task(
            retries=4,
            pool=SFTP_POOL,
            inlets=every(TILLS),
            outlets=every(LANDED),
            task_display_name="Fetch its files",
            map_index_template="{{ named }}",
        )
        def collect(store: str) -> None:
            """Fetch what of the store is still out."""
            collect_store(store)

        @task(
            retries=2,
            inlets=every(LANDED),
            outlets=every(CHECKED),
            task_display_name="Check the day",
            map_index_template="{{ named }}",
        )
        def check(store: str) -> None:
            """Put the store-day together and run the suites over it; red where it is held, with the reasons."""
            name_by(store)
            from storeday.stages import check as check_store_day
            from storeday.stages.lineage import of_check

            day = trading_day(get_current_context())
            with open_work() as work:
                try:
                    checked = check_store_day(work, store, day)
                finally:
                    tell_lineage(lambda: of_check(work, store, day))
            log.info("%s", checked)
            tell(checked, CHECKED)

        @task(
            retries=2,
            inlets=every(CHECKED),
            outlets=every(READY),
            task_display_name="Work out its lines",
            map_index_template="{{ named }}",
        )
        def post(store: str) -> None:
            """Say what the store-day wants in Sage, proven."""
            name_by(store)
            from storeday.stages import post as post_store_day
            from storeday.stages.lineage import of_post

            day = trading_day(get_current_context())
            with open_work() as work:
                posted = post_store_day(work, store, day)
                tell_lineage(lambda: of_post(work, store, day))
            log.info("%s", posted)
            tell(posted, READY)

        collect(store) >> check(store) >> post(store)

    @task_group(prefix_group_id=False, group_display_name="Each company's batch")
    def hand_over(company: str) -> None:
        @task(
            retries=2,
            inlets=every(READY),
            outlets=every(STAGED),
            trigger_rule="all_done",
            task_display_name="Stage the batch",
            map_index_template="{{ named }}",
            doc_md="Stage what the company's ready store-days still want, as one batch.",
        )
        def stage(company: str) -> None:
            name_by(company)
            from storeday.stages import stage as stage_company
            from storeday.stages import would_stage
            from storeday.stages.lineage import of_stage

            context = get_current_context()
            with open_work() as work:
                if is_dry_run(context):
                    log.info("dry run: %s", would_stage(work, company, trading_day(context)))
                    return
                staged = stage_company(work, company, trading_day(context))
                tell_lineage(lambda: of_stage(work, staged))
            log.info("%s", staged)
            tell(staged, STAGED)

        @task(
            retries=2,
            inlets=every(STAGED),
            outlets=every(DELIVERED, SAGE),
            trigger_rule="none_failed",  # approve is skipped where nobody is asked
            task_display_name="Deliver the batch",
            map_index_template="{{ named }}",
            doc_md="Hand the batch over to the outbox, where the company delivers automatically.",
        )
        def deliver(company: str) -> None:
            name_by(company)
            from storeday.stages import deliver as deliver_company
            from storeday.stages.lineage import of_deliver

            context = get_current_context()
            if is_dry_run(context):
                raise AirflowSkipException("dry run: nothing is delivered")
            with open_work() as work:
                if work.settings.company(company).company.delivery != "automatic":
                    log.info("%s delivers by hand: its draft waits in staging", company)
                    return
                let_older_days_go_first(work, company, context)
                delivered = deliver_company(work, company, trading_day(context))
                tell_lineage(lambda: of_deliver(work, delivered))
            log.info("%s", delivered)
            tell(delivered, DELIVERED, SAGE)

        approve = ApproveBatch(
            task_id="approve",
            task_display_name="Approve the batch",
            company=company,
            retries=2,
            retry_delay=timedelta(seconds=20),  # it asks again: an answer within a second of the question may be lost
            inlets=every(STAGED),
            map_index_template="{{ task.company }}",  # known before it waits
            doc_md="Ask a person whether the batch may be delivered, where the company or a new store wants that.",
        )
        stage(company) >> approve >> deliver(company)

    @task(retries=2, trigger_rule="all_done", inlets=every(STAGED), task_display_name="Tell what waits")
    def tell_what_waits() -> None:
        """Tell who asked for it what is held, missing or waits for approval, and how the day stands."""
        from storeday.stages.alerts import alerts_of_day, digests
        from storeday.stages.first_days import write_first_days

        context = get_current_context()
        day = trading_day(context)
        if is_dry_run(context):
            raise AirflowSkipException("dry run: nobody is told")
        with open_work() as work:
            for page in write_first_days(work, day):
                log.info("first days after a cutover: %s", page)
            alert_people(work, alerts_of_day(work, day))
            if context["dag_run"].run_type != "backfill":
                alert_people(work, digests(work, day))

    @task(retries=2, trigger_rule="all_done", inlets=every(STAGED), task_display_name="Is every store staged?")
    def every_store_staged(stores: Shared) -> None:
        """Red where a store of this run is not staged, or a batch is not delivered: leaves decide a run's colour."""
        from storeday.stages import about_to_vanish, overview
        from storeday.stages.approval import not_delivered

        day = trading_day(get_current_context())
        if is_dry_run(get_current_context()):
            raise AirflowSkipException("dry run: nothing was to be staged")
        with open_work() as work:
            lines = overview(work, day, day, all_of(stores))
            drafts = not_delivered(work, day)
            for found in about_to_vanish(work, day):
                log.warning("%s", found.words(day))
        late = [f"{line.store} {line.state}: {line.reason or 'no files'}" for line in lines if not line.state.is_staged]
        said = [f"{len(late)} of {len(lines)} not staged; " + "; ".join(late)] if late else []
        if said := [*said, *drafts]:
            raise AirflowFailException(f"{day.isoformat()}: " + "\n".join(said))
        log.info("%s: all %s store-days staged", day.isoformat(), len(lines))

    stores, companies = which_stores(), which_companies()
    alone = stores
    if stores_per_task() > 1:
        alone = which_are_left(stores, close_stores.expand(stores=stores))  # type: ignore[arg-type]
    closed, handed_over = store_day.expand(store=alone), hand_over.expand(company=companies)
    told, all_staged = tell_what_waits(), every_store_staged(stores)  # type: ignore[arg-type]
    closed >> handed_over >> all_staged
    # Not after approve, which may wait for days.
    handed_over.children["stage"] >> told >> all_staged  # type: ignore[attr-defined]


close_store_days()
