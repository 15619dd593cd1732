"""When the day is closed, and which trading day a run is for. Nothing here asks the clock which day it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from storeday.config.environment import config_folder
from storeday.config.load import ScheduleFacts, schedule_facts
from storeday.model.days import day_of


def timezone() -> str:
    """The time zone of the schedule: the first company's."""
    return _facts().timezone


def first_day() -> datetime:
    """The first trading day that any company calls its own."""
    day = _facts().first_day
    return datetime(day.year, day.month, day.day)


def companies() -> tuple[str, ...]:
    """The codes of all companies."""
    return _facts().companies


def companies_with_stock() -> tuple[str, ...]:
    """The codes of the companies that stage stock."""
    return _facts().with_stock


def stores() -> tuple[str, ...]:
    """The codes of all stores."""
    return _facts().stores


def stores_per_task() -> int:
    """How many stores one task takes."""
    return _facts().running.stores_per_task


def is_dry_run(context: Mapping[str, Any]) -> bool:
    """Whether a run is only to show what it would stage."""
    return bool((context["dag_run"].conf or {}).get("dry_run"))


def trading_day(context: Mapping[str, Any]) -> date:
    """The trading day of a run: its partition key, or the day param of a run by hand.

    Raises: ValueError where there is neither, or it is no day.
    """
    run = context.get("dag_run")
    key = getattr(run, "partition_key", None) or context.get("partition_key") or context["params"].get("day")
    if not key:
        raise ValueError("no trading day: trigger with a partition key or the day param, YYYY-MM-DD")
    return day_of(str(key))


@cache  # a DAG file is parsed in a process of its own, which reads the settings once
def _facts() -> ScheduleFacts:
    return schedule_facts(config_folder())
