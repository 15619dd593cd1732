"""When the day is closed, and which trading day a run is for. Nothing here asks the clock which day it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from storeday.config.environment import config_folder
from storeday.config.load import schedule_facts
from storeday.model.days import day_of


def timezone() -> str:
    """The time zone of the schedule: the first company's."""
    return schedule_facts(config_folder())[0]


def first_day() -> datetime:
    """The first trading day that any company calls its own."""
    day = schedule_facts(config_folder())[1]
    return datetime(day.year, day.month, day.day)


def trading_day(context: Mapping[str, Any]) -> date:
    """The trading day of a run: its partition key, or the day param of a run by hand.

    Raises: ValueError where there is neither, or it is no day.
    """
    run = context.get("dag_run")
    key = getattr(run, "partition_key", None) or context.get("partition_key") or context["params"].get("day")
    if not key:
        raise ValueError("no trading day: trigger with a partition key or the day param, YYYY-MM-DD")
    return day_of(str(key))
