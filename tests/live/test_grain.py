"""Two stores a task, through a real scheduler: what comes of it is what comes of a task a store."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from airflows import PROJECT
from storeday.config.environment import Environment
from storeday.config.running import SFTP_POOL
from storeday.demo.airflow_api import AirflowApi, Run, TaskInstance
from storeday.demo.run import Demo, running
from storeday.stages.run import run_days
from storeday.stages.workplace import Workplace

pytestmark = [pytest.mark.timeout(900), pytest.mark.long]

DAY = date(2026, 11, 16)
STORES = ["S01", "S02", "S03", "S04", "S05"]
HELD = "S03"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo with one day, its third store's broken, and settings that give a task two stores."""
    config = tmp_path_factory.mktemp("grain") / "config"
    shutil.copytree(PROJECT / "include" / "config", config)
    (config / "running.yaml").write_text("stores_per_task: 2\nsftp_connections: 3\n")
    with running(tmp_path_factory.mktemp("demo"), DAY + timedelta(days=1), print, days=1, config=config) as up:
        yield up


@pytest.fixture(scope="module")
def api(demo: Demo) -> Iterator[AirflowApi]:
    with AirflowApi(demo.airflow.url, demo.airflow.user, demo.airflow.password) as api:
        yield api


@pytest.fixture(scope="module")
def run(api: AirflowApi) -> Run:
    """The day, closed: the files are fetched on the way."""
    api.wait_for_dag("close_store_days")
    api.unpause("close_store_days")
    return ended(api, api.trigger("close_store_days", day=DAY))


def ended(api: AirflowApi, run: Run) -> Run:
    [ended] = api.wait_for_runs([run], on_progress=lambda _: None, timeout_seconds=600)
    return ended


def states(tasks: list[TaskInstance]) -> dict[tuple[str, str | None], str | None]:
    """The state of each task, by its name and its store, stores or company."""
    return {(task.task_id, task.label): task.state for task in tasks}


def handed_over(home: Path) -> dict[str, bytes]:
    """The outbox: every file by its path."""
    outbox = home / "outbox"
    return {str(path.relative_to(outbox)): path.read_bytes() for path in sorted(outbox.rglob("*")) if path.is_file()}


def test_the_tasks_of_several_stores_are_green_and_the_held_store_is_red_by_its_own_name(
    api: AirflowApi, run: Run
) -> None:
    tasks = api.tasks(run)

    assert run.state == "failed"
    assert states(tasks) == {
        ("which_stores", None): "success",
        ("which_companies", None): "success",
        ("close_stores", "S01"): "success",
        ("close_stores", "S02 to S03"): "success",
        ("close_stores", "S04 to S05"): "success",
        ("which_are_left", None): "success",
        ("store_day.collect", HELD): "success",
        ("store_day.check", HELD): "failed",
        ("store_day.post", "0"): "upstream_failed",
        ("stage", "northern-larder"): "success",
        ("approve", "northern-larder"): "skipped",
        ("deliver", "northern-larder"): "success",
        ("tell_what_waits", None): "success",
        ("every_store_staged", None): "failed",
    }
    assert {task.try_number for task in tasks if task.state == "failed"} == {1}


def test_what_is_handed_over_is_byte_for_byte_that_of_a_task_a_store(
    demo: Demo, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, said in demo.airflow.environment.items():
        if name.startswith("AIRFLOW_CONN_"):
            monkeypatch.setenv(name, said)
    home = tmp_path / "home"
    where = Environment(
        PROJECT / "include" / "config",
        str(home),
        f"sqlite:///{home}/ledger.sqlite",
        PROJECT / "include" / "expectations",
    )

    with Workplace.open("tests", where) as work:
        ran = run_days(work, [DAY], STORES, print)

    assert (ran.staged, ran.not_staged, ran.faults) == (4, 1, 0)
    assert handed_over(demo.home) == handed_over(home)


def test_one_event_of_a_task_carries_the_facts_of_each_of_its_stores(api: AirflowApi, run: Run) -> None:
    events = [each for each in api.asset_events() if each.task_id == "close_stores"]

    told = Counter(event.asset.removeprefix("northern-larder: ") for event in events)
    of = sorted([facts["store"] for facts in event.facts["stores"]] for event in events if "landed" in event.asset)
    assert told == {"till files landed": 3, "store-days checked": 3, "store-days ready": 3}
    assert of == [["S01"], ["S02", "S03"], ["S04", "S05"]]
    for event in events:
        sums = sum(facts["takings_minor"] for facts in event.facts["stores"])
        assert event.facts["takings_minor"] == sums > 0


def test_the_pool_of_the_stores_servers_is_there_as_the_settings_say(api: AirflowApi) -> None:
    pool = api.pool(SFTP_POOL)

    assert pool["slots"] == 3
