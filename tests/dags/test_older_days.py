"""A batch that brings records lets the older days go first that are on their way, and waits for nothing else."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def older_days(airflow_home: dict[str, str]) -> Any:
    from storeday_dags import older_days

    return older_days


def run_of(day: str, kind: str = "backfill") -> str:
    """A run's id as the timetable makes it."""
    import pendulum
    from airflow.utils.types import DagRunType
    from trading_days import TradingDaysTimetable

    timetable = TradingDaysTimetable("0 6 * * *", timezone="Europe/London", run_offset=-1, key_format="%Y-%m-%d")
    due = pendulum.datetime(2026, 11, 29, 6, tz="Europe/London")
    return timetable.generate_run_id(
        run_type=DagRunType(kind), run_after=due, data_interval=None, partition_key=day or None
    )


class Airflow:
    """What a task may ask: the states of all runs' tasks, and a run's own."""

    dag_id = "close_store_days"

    def __init__(self, tasks: dict[str, dict[str, str | None]], *, state: str = "running") -> None:
        self.tasks, self.state = tasks, state

    def get_task_states(self, dag_id: str, task_ids: list[str]) -> dict[str, dict[str, str | None]]:
        assert (dag_id, task_ids) == (self.dag_id, ["approve", "deliver"])
        return self.tasks

    def get_dagrun_state(self, dag_id: str, run_id: str) -> str:
        assert (dag_id, run_id in self.tasks) == (self.dag_id, True)
        return self.state


@pytest.fixture
def waits(older_days: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Whether the task of DAY comes again later, beside what other runs are at."""
    from airflow.sdk.exceptions import AirflowRescheduleException

    def asked(tasks: dict[str, dict[str, str | None]], *, brings: bool = True, state: str = "running") -> bool:
        import storeday.stages

        monkeypatch.setattr(storeday.stages, "brings_records", lambda *_: brings)
        run = SimpleNamespace(partition_key=DAY.isoformat())
        context = {"dag_run": run, "params": {}, "ti": Airflow(tasks, state=state)}
        try:
            older_days.let_older_days_go_first(object(), "northern-larder", context)
        except AirflowRescheduleException:
            return True
        return False

    return asked


@pytest.mark.parametrize("kind", ["backfill", "scheduled"])
@pytest.mark.parametrize(
    "states",
    [
        {"approve": None, "deliver": None},  # not mapped yet: its stores are still closed
        {"approve_0": "skipped", "deliver_0": "running"},
        {"approve_0": "skipped", "deliver_0": "up_for_retry"},
        {"approve_0": "skipped", "deliver_0": "up_for_reschedule"},  # it waits for one that is older still
        {"approve_0": "awaiting_input", "deliver_0": None, "approve_1": "success", "deliver_1": "queued"},
    ],
)
def test_an_older_day_that_is_on_its_way_goes_first(waits: Any, kind: str, states: dict[str, str | None]) -> None:
    assert waits({run_of("2026-11-19", kind): states})


@pytest.mark.parametrize(
    ("day", "states"),
    [
        ("2026-11-19", {"approve_0": "skipped", "deliver_0": "success"}),
        ("2026-11-19", {"approve_0": "failed", "deliver_0": "upstream_failed"}),
        ("2026-11-19", {"approve_0": "awaiting_input", "deliver_0": None}),  # a person may take days
        ("2026-11-20", {"approve_0": "skipped", "deliver_0": "running"}),  # this run itself, or its day again
        ("2026-11-21", {"approve_0": "skipped", "deliver_0": "running"}),
        ("", {"approve": None, "deliver": None}),  # by hand: its id says no day
    ],
)
def test_nothing_else_is_waited_for(waits: Any, day: str, states: dict[str, str | None]) -> None:
    assert not waits({run_of(day): states})


def test_a_run_that_has_not_begun_is_not_waited_for(waits: Any) -> None:
    """A backfill that runs backwards has its older days in the queue until this one ends."""
    assert not waits({run_of("2026-11-19"): {"approve": None, "deliver": None}}, state="queued")


def test_a_batch_without_new_records_does_not_wait(waits: Any) -> None:
    assert not waits({run_of("2026-11-19"): {"deliver_0": "running"}}, brings=False)
