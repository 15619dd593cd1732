"""Telling people: what the ledger says they were not told yet, over each company's channels.

A channel that does not answer fails no task: the log says so, and the next run tries again. What was sent is written
down right after; a process that is killed in between sends that message once more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from storeday.model.errors import StoredayError

from storeday_dags.channels import send
from storeday_dags.schedule import trading_day
from storeday_dags.work import open_work

if TYPE_CHECKING:
    from storeday.model.alerts import Alert
    from storeday.stages import Workplace

log = logging.getLogger(__name__)

TOLD_OTHERWISE = {"StoreDayHeld", "NothingReceived", "NotApproved", "AirflowFailException"}
"""Errors that another cause tells, or that only say a run's colour."""


def alert_people(work: Workplace, alerts: Iterable[Alert]) -> None:
    """Send what channels were not told of these alerts, one message a cause and day, and write it down."""
    from storeday.stages.alerts import messages, record_told

    alerts = list(alerts)
    for company in work.settings.companies:
        if not company.company.alerts or not any(alert.company == company.company.code for alert in alerts):
            continue
        with work.ledger.exclusively(f"alerts of {company.company.code}"):
            for message in messages(work, company, alerts, page_of):
                channel = f"{message.channel.channel} {message.channel.connection}"
                try:
                    send(message)
                except Exception as error:  # whatever a channel breaks with, the day goes on
                    # Only the error's kind: its text may have the address, and the address the secret.
                    log.error("not sent over %s, the next run tries again: %s", channel, type(error).__name__)
                    continue
                record_told(work, message)
                log.info("told over %s: %s", channel, message.title)


def page_of(alert: Alert) -> str:
    """The board's page of a store-day, or the board; empty where nobody said at which address Airflow is."""
    from airflow.configuration import conf

    base = conf.get("api", "base_url", fallback="").rstrip("/")
    if not base:
        return ""
    return f"{base}/storeday/day/{alert.store}/{alert.trading_day.isoformat()}" if alert.store else f"{base}/storeday/"


def run_day(context: Any) -> date:
    """The day that a run's alerts are told for: its trading day, or the day it was due on."""
    try:
        return trading_day(context)
    except ValueError:
        due: datetime = context["dag_run"].run_after
        return due.date()


def tell_failed(context: Any) -> None:
    """Tell that a task ended red; called by Airflow, after the last try."""
    error = type(context.get("exception")).__name__
    if error in TOLD_OTHERWISE:
        return
    try:
        from storeday.stages.alerts import failed

        task = f"{context['ti'].dag_id}.{context['ti'].task_id}"
        with open_work() as work:
            alert_people(work, failed(work, task, str(context.get("named") or ""), error, run_day(context)))
    except StoredayError:
        log.error("the failure of this task could not be told")


def tell_late(context: dict[str, Any]) -> None:
    """Tell what is not delivered of a run's trading day; called by Airflow when the run's deadline has passed.

    A backfill is told by its own end: its runs may well queue for longer.
    """
    from storeday.model.days import day_of
    from storeday.stages import Workplace
    from storeday.stages.alerts import late

    run = context["dag_run"]
    key = run.get("partition_key") or (run.get("conf") or {}).get("day")
    if not key or run.get("run_type") == "backfill":
        return
    with Workplace.open(by=f"{run['dag_run_id']} (deadline)") as work:
        alert_people(work, late(work, day_of(str(key))))
