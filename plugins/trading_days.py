"""The timetable of trading days: one run a day, and a backfill to a date takes that date in.

Airflow reads a bare end date of a backfill as midnight at its start, while a day's run stands at 06:00: the last day
asked for would be left out in silence. Here an end at midnight means that day, whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo
from airflow.timetables.trigger import CronPartitionTimetable

_A_DAY = timedelta(days=1, microseconds=-1)


class TradingDaysTimetable(CronPartitionTimetable):
    """Partitions by trading day; backfills from one date to another take both in."""

    def iter_partition_dagrun_infos(self, *, earliest: datetime, latest: datetime) -> Iterable[DagRunInfo]:
        """The runs of a range of dates; an end without a time of day is that whole day."""
        is_date = latest.time() == datetime.min.time()
        yield from super().iter_partition_dagrun_infos(earliest=earliest, latest=latest + _A_DAY if is_date else latest)


class TradingDaysPlugin(AirflowPlugin):
    """Makes the timetable known to Airflow."""

    name = "storeday_trading_days"
    timetables = [TradingDaysTimetable]  # noqa: RUF012  # Airflow's own way to say it
