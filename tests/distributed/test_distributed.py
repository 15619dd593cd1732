"""The demo's week through the services of docker-compose.yaml, a worker killed in the middle of it.

Celery, PostgreSQL, Redis and an object store end with what SQLite, LocalExecutor and a folder end with: the same files,
byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psutil
import pytest
from servers import ServerMissing, skip_or_fail
from storeday.demo import run as demo
from storeday.demo.airflow_api import AirflowApi, Run, TaskInstance
from storeday.demo.compare import differences
from storeday.demo.run import DAYS, Outcome, close_week, not_as_the_days_stand, sample_of
from storeday.stages import Workplace, overview
from topology import WORKERS, Topology, running

pytestmark = [pytest.mark.live, pytest.mark.timeout(3600)]

FIRST = date(2026, 11, 16)
TODAY = FIRST + timedelta(days=DAYS)
KILLED_AT = "store_day.check"
"""The task that is killed: it reads the day's pieces, and writes Data Docs and the ledger."""


@dataclass
class Killer:
    """Kills the first worker with all that it started, in the middle of the week and of a task of its."""

    topology: Topology
    after: int = 2  # runs that are done
    killed: TaskInstance | None = None

    def __call__(self, api: AirflowApi, runs: Sequence[Run]) -> None:
        if self.killed or sum(run.is_finished for run in runs) < self.after:
            return
        tasks = [task for run in runs if run.state == "running" for task in api.tasks(run)]
        at_work = {task.pid: task for task in tasks if task.state == "running"}
        its = self.topology.tasks_of(WORKERS[0])
        checks = [at_work[pid] for pid in its if pid in at_work and at_work[pid].task_id == KILLED_AT]
        # One that is only just begun has no heartbeat yet, and is missed after `task_queued_timeout` alone.
        if checks and its <= at_work.keys():
            self.killed, ended = checks[0], self.topology.kill(WORKERS[0])
            print(f"  Killed {WORKERS[0]} with its {ended} processes at a check of {self.killed.run.day}.")


@dataclass
class Week:
    """What came of the week."""

    killed: TaskInstance | None
    unexpected_runs: list[Run]
    tasks: list[TaskInstance]
    outbox: dict[str, bytes]  # every file by its path
    differences: list[str]  # between the outbox and truth.json
    home: set[str]  # the folders below STOREDAY_HOME
    shared: list[str]  # the files in the folder that all services mount
    worker_knows: dict[str, str]  # a worker's environment


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample, the services and the demo live."""
    return tmp_path_factory.mktemp("week")


@pytest.fixture(scope="module")
def week(folder: Path) -> Week:
    """The week through all services."""
    sample_of(folder, TODAY, DAYS, print)
    try:
        with running(folder / "services", folder / "sample", print) as topology:
            return _week(topology, folder)
    except ServerMissing as missing:
        skip_or_fail(missing)


def _week(topology: Topology, folder: Path) -> Week:
    worker = psutil.Process(topology.programs[WORKERS[0]].process.pid)
    knows, killer = worker.environ(), Killer(topology)
    first, last = FIRST, TODAY - timedelta(days=1)
    runs, stock = close_week(topology, first, last, print, meanwhile=killer)
    where = topology.where()
    with Workplace.open("tests", where) as work:
        lines = overview(work, first, last)
    with AirflowApi(topology.url, topology.user, topology.password) as api:
        tasks = [task for run in runs for task in api.tasks(run)]
    store = topology.store_client()
    outbox = {path.split("/outbox/")[1]: store.cat_file(path) for path in store.find("storeday/outbox")}
    fetched = folder / "fetched-outbox"
    for name, content in outbox.items():
        (fetched / name).parent.mkdir(parents=True, exist_ok=True)
        (fetched / name).write_bytes(content)
    return Week(
        killed=killer.killed,
        unexpected_runs=not_as_the_days_stand([*runs, *stock], lines),
        tasks=tasks,
        outbox=outbox,
        differences=differences(where.settings(), fetched, folder / "sample" / "truth.json"),
        home={path.split("/")[1] for path in store.find("storeday")},
        shared=[path.name for path in topology.shared.iterdir()],
        worker_knows=knows,
    )


@pytest.fixture(scope="module")
def embedded(folder: Path, week: Week) -> Outcome:
    """The same till files through the demo: SQLite, LocalExecutor and a folder; all services are stopped by now."""
    with demo.running(folder, TODAY, print) as up:
        return demo.backfill(up, print)


def test_the_workers_do_without_the_metadata_database_and_the_keys(week: Week) -> None:
    knows = week.worker_knows
    assert knows["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert knows["STOREDAY_HOME"] == "s3://storeday"
    secrets = ("DATABASE__SQL_ALCHEMY_CONN", "CORE__FERNET_KEY", "API_AUTH__JWT_SECRET")
    assert not {f"AIRFLOW__{name}" for name in secrets} & knows.keys()


def test_all_state_is_in_the_object_store_and_the_ledger(week: Week) -> None:
    assert week.home >= {"landing", "canonical", "receipts", "data_docs", "journal", "outbox"}
    assert week.shared == ["lineage.jsonl"]


def test_what_the_killed_worker_was_at_was_done_by_the_other(week: Week) -> None:
    assert week.killed, "no worker was killed: no task of a store was seen in the middle of the week"
    named = (week.killed.run.run_id, week.killed.task_id, week.killed.map_index)
    [task] = [task for task in week.tasks if (task.run.run_id, task.task_id, task.map_index) == named]
    assert task.try_number > week.killed.try_number
    assert task.state in {"success", "failed"}  # the store-day that is broken on purpose is held


def test_the_week_ends_as_its_store_days_stand(week: Week) -> None:
    assert not week.unexpected_runs


def test_the_outbox_is_what_truth_says_to_the_penny(week: Week) -> None:
    assert week.differences == []


def test_the_embedded_run_hands_over_the_same_files_byte_for_byte(week: Week, embedded: Outcome, folder: Path) -> None:
    outbox = folder / "home" / "outbox"
    files = {str(path.relative_to(outbox)): path.read_bytes() for path in outbox.rglob("*") if path.is_file()}
    assert embedded.differences == []
    assert sorted(week.outbox) == sorted(files)
    assert [name for name, content in sorted(files.items()) if week.outbox[name] != content] == []
    print(f"\n{len(files)} files, {sum(map(len, files.values())):,} bytes, are the same in both outboxes.")
