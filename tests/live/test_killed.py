"""Tasks, workers and the scheduler killed in the middle of a run, and the ledger gone for a minute: the day ends by
itself with what a run without a fault hands over, byte for byte.

One Airflow, its ledger on a PostgreSQL; a trading day a fault, the last with both stores in one task.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from airflows import RunningAirflow, StartAirflow
from servers import Postgres, ServerMissing, new_database, postgres, skip_or_fail
from shops import EXPECTATIONS, Shop, place, settle
from storeday.config.environment import Environment
from storeday.demo import processes
from storeday.demo.airflow_api import Run, TaskInstance
from storeday.ledger.engine import exclusive_lock
from storeday.stages.run import run_days
from storeday.stages.workplace import Workplace
from tills import DAY, Till, refund, sale, z

pytestmark = [pytest.mark.timeout(900), pytest.mark.long]

DAG, STORES = "close_store_days", ("S01", "S02")
DAYS = [DAY + timedelta(days=number) for number in range(4)]
AWAY_SECONDS = 55  # the policy (dags/storeday_dags/retries.py) tries again after a minute
SOON = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",  # 300 s as delivered; a busy machine takes its time
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "3",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "2",
}
"""What is found in minutes by default is found in seconds here."""


def send(shop: Shop, day: date) -> None:
    """A day's files of every store, numbered on from the day before."""
    number = DAYS.index(day)
    for store in STORES:
        till = Till(store, first=1 + 3 * number, first_z=1 + number, day=day)
        shop.send(till.slice("09:00", sale("12.60"), sale("6.00", tender="VISA")))
        shop.send(till.slice("10:00", refund("2.40"), z(counted="10.00")))


@dataclass
class Site:
    """An installation under Airflow, and what a test breaks of it."""

    airflow: RunningAirflow
    server: Postgres
    shop: Shop

    def begin(self, day: date) -> Run:
        """The day's files are there, and its run is started."""
        send(self.shop, day)
        return self.airflow.api.trigger(DAG, day=day)

    def running(self, run: Run, task_id: str, store: str) -> TaskInstance:
        """A store's task, as soon as it is at work."""

        def look() -> TaskInstance | None:
            mine = [task for task in self._tasks(run, task_id) if task.map_index == STORES.index(store)]
            return next((task for task in mine if task.state == "running"), None)

        return soon(look, f"{task_id} {store}")

    def kill(self, task: TaskInstance, *, with_its_worker: bool) -> None:
        """Kill -9 the process in which a task is at work; with its worker, the one that watches it first."""
        process = psutil.Process(task.pid)
        if with_its_worker:
            process.parent().kill()
        process.kill()

    def share_out(self, stores_per_task: int) -> None:
        """Give a task so many stores from now on, and wait until Airflow has read the DAG anew."""
        (self.shop.home.parent / "config" / "running.yaml").write_text(f"stores_per_task: {stores_per_task}\n")
        soon(lambda: "close_stores" in self.airflow.api.task_ids(DAG) or None, "the DAG with close_stores")

    def kill_scheduler(self) -> None:
        """Kill -9 the scheduler alone: its workers stay, with what they are at."""
        home = self.airflow.process.home
        [scheduler] = [
            process
            for process in processes.marked(home)
            if process.cmdline()[-1:] == ["scheduler"] and process.ppid() == os.getpid()
        ]
        scheduler.kill()
        command = [sys.executable, "-P", "-m", "airflow", "scheduler"]
        environment, log = self.airflow.process.environment, self.airflow.process.logs / "scheduler-again.log"
        processes.start("scheduler", command, log=log, environment=environment, mark=home)

    def end(self, run: Run) -> tuple[str, dict[str, int]]:
        """How the run ended, and how often each of its tasks was tried, by name and store or company."""
        [ended] = self.airflow.api.wait_for_runs([run], on_progress=lambda _: None, timeout_seconds=400)
        return ended.state, {f"{t.task_id} {t.map_index}": t.try_number for t in self._tasks(run)}

    def _tasks(self, run: Run, task_id: str = "") -> list[TaskInstance]:
        return [task for task in self.airflow.api.tasks(run) if task_id in {"", task.task_id}]


def soon(look: Callable[[], Any], what: str, seconds: float = 120) -> Any:
    """What a look finds, as soon as it finds something."""
    give_up = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < give_up, f"{what}: not within {seconds} s"
        time.sleep(0.05)
    return found


def handed_over(home: Path, day: date) -> dict[str, bytes]:
    """The outbox of a day: every file by its path."""
    outbox = home / "outbox" / "corner-shops" / day.isoformat()
    return {str(path.relative_to(outbox)): path.read_bytes() for path in sorted(outbox.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[date], dict[str, bytes]]:
    """What runs without Airflow and without a fault hand over, by day."""
    folder = tmp_path_factory.mktemp("undisturbed")
    settle(folder, dict.fromkeys(STORES, ""))
    with Workplace.open("tests", place(folder)) as work:
        for day in DAYS:
            send(Shop(work, folder / "sources", folder / "home"), day)
            ran = run_days(work, [day], list(STORES), print)
            assert (ran.staged, ran.faults) == (2, 0)
    return lambda day: handed_over(folder / "home", day)


@pytest.fixture(scope="module")
def site(airflow: StartAirflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    settle(folder, dict.fromkeys(STORES, ""))
    try:
        with postgres(folder) as server:
            where = Environment(folder / "config", str(folder / "home"), new_database(server.url), EXPECTATIONS)
            with Workplace.open("tests", where) as work:
                up = airflow(environment={**where.variables, **SOON})
                up.api.wait_for_dag(DAG)
                up.api.unpause(DAG)
                yield Site(up, server, Shop(work, folder / "sources", folder / "home"))
                up.process.stop()  # before its ledger goes
    except ServerMissing as missing:
        skip_or_fail(missing)


def test_a_killed_task_and_a_killed_worker_are_noticed_and_their_work_is_done_once(
    site: Site, undisturbed: Callable[[date], dict[str, bytes]]
) -> None:
    with exclusive_lock(site.shop.work.ledger.engine, "collect S01"):
        run = site.begin(DAYS[0])
        collect = site.running(run, "store_day.collect", "S01")
        site.kill(collect, with_its_worker=False)
    check = site.running(run, "store_day.check", "S01")
    site.kill(check, with_its_worker=True)

    state, tries = site.end(run)

    assert state == "success"
    assert tries[f"store_day.collect {collect.map_index}"] > 1
    assert tries[f"store_day.check {check.map_index}"] > 1
    assert handed_over(site.shop.home, DAYS[0]) == undisturbed(DAYS[0])


def test_a_killed_scheduler_takes_up_the_run_again_beside_what_its_workers_were_at(
    site: Site, undisturbed: Callable[[date], dict[str, bytes]]
) -> None:
    run = site.begin(DAYS[1])
    site.running(run, "store_day.check", "S01")
    site.kill_scheduler()

    state, _ = site.end(run)

    assert state == "success"
    assert handed_over(site.shop.home, DAYS[1]) == undisturbed(DAYS[1])


def test_a_ledger_that_is_away_for_a_minute_is_waited_for(
    site: Site, undisturbed: Callable[[date], dict[str, bytes]]
) -> None:
    run = site.begin(DAYS[2])
    site.running(run, "store_day.check", "S01")
    site.server.stop(signal.SIGQUIT)
    time.sleep(AWAY_SECONDS)
    site.server.start()

    state, tries = site.end(run)

    assert state == "success"
    assert max(tries.values()) >= 2
    assert handed_over(site.shop.home, DAYS[2]) == undisturbed(DAYS[2])


def test_a_killed_task_of_several_stores_goes_on_where_it_was(
    site: Site, undisturbed: Callable[[date], dict[str, bytes]]
) -> None:
    site.share_out(2)
    with exclusive_lock(site.shop.work.ledger.engine, "collect S02"):
        run = site.begin(DAYS[3])
        both = site.running(run, "close_stores", "S01")
        soon(lambda: site.shop.files("S01", DAYS[3]) or None, "the first store's files")
        site.kill(both, with_its_worker=True)

    state, tries = site.end(run)

    assert state == "success"
    assert tries["close_stores 0"] > 1
    assert "store_day.check 0" not in tries  # no store was left to tasks of its own
    assert handed_over(site.shop.home, DAYS[3]) == undisturbed(DAYS[3])
