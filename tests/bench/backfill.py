"""How long a backfill takes through Airflow's scheduler, beside the same backfill of empty tasks.

    make bench BENCH=backfill
    python tests/bench/backfill.py --days 30 --stores 5 --in DIR

One Airflow of its own (SQLite, LocalExecutor, as in the demo) backfills both, and once more in the other order:
close_store_days over till files that wait to be fetched, and empty_days. That is close_store_days with the work of each
task taken out: the same groups, triggers, assets, retries and settings. In the end the finished days are backfilled
again. What was handed over is held to the sample's truth.json.
"""

from __future__ import annotations

import argparse
import ast
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from chains import COMPANY, PROJECT, lay_out, without_stock
from results import keep
from storage import database_bytes
from storeday.config.environment import Environment
from storeday.demo import processes
from storeday.demo.airflow_api import AirflowApi, Reprocess, Run
from storeday.demo.airflow_process import AirflowStandalone
from storeday.demo.compare import differences
from storeday.sample import SampleOrder

FIRST = date(2026, 10, 1)
REAL, EMPTY = "close_store_days", "empty_days"
WITHIN_SECONDS = 3600

SKIPPED = """
class Skipped(ApproveBatch):
    def execute(self, context):
        from airflow.sdk.exceptions import AirflowSkipException
        name_by(self.company)
        raise AirflowSkipException('nobody is asked')
"""


def emptied(source: str, stores: list[str]) -> str:
    """The DAG file of close_store_days with nothing to do in its tasks but to name themselves and say what to map over.

    Approval is skipped, as it is where nobody is asked.

    >>> print(emptied("def close_store_days():\\n    @task\\n    def stage(company):\\n        work(company)", []))
    def empty_days():
    <BLANKLINE>
        @task
        def stage(company):
            pass
    """
    lists = {"which_stores": stores, "which_companies": [COMPANY]}
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and (task := next(filter(_is_task, node.decorator_list), None)):
            said = lists.get(node.name)
            named = [f"name_by({node.args.args[0].arg})"] if "map_index_template" in ast.unparse(task) else []
            node.body = ast.parse("\n".join(named) or "pass").body
            if said:
                node.body = [ast.Return(ast.parse(repr(said), mode="eval").body)]
        elif isinstance(node, ast.FunctionDef) and node.name == REAL:
            node.name = EMPTY
        elif isinstance(node, ast.Name):
            node.id = {REAL: EMPTY, "ApproveBatch": "Skipped"}.get(node.id, node.id)
    text = ast.unparse(tree)
    if "Skipped" in text:
        text = text.replace("@dag(", f"{SKIPPED}\n\n@dag(", 1)
    return text


def _is_task(decorator: ast.expr) -> bool:
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(name, ast.Name) and name.id == "task"


@dataclass(frozen=True)
class Took:
    """What a backfill took: seconds by the clock, and of the processor in all of Airflow's processes."""

    wall: float
    processor: float
    metadata: int = 0  # bytes by which Airflow's database has grown

    def __add__(self, other: Took) -> Took:
        return Took(self.wall + other.wall, self.processor + other.processor, self.metadata + other.metadata)

    def __str__(self) -> str:
        return f"{self.wall:.1f} s, {self.processor:.1f} s of processor time"


@dataclass(frozen=True)
class Bench:
    """One Airflow with both DAGs, and what they are run over."""

    folder: Path
    order: SampleOrder
    days: int
    airflow: AirflowStandalone
    api: AirflowApi
    where: Environment

    def backfill(self, dag: str, *, reprocess: Reprocess = "completed") -> tuple[Took, list[Run]]:
        """Backfill all days, from the command to the end of the last run.

        Raises: SystemExit where a run did not end well.
        """
        last = FIRST + timedelta(days=self.days - 1)
        began, used, kept = time.perf_counter(), self._used(), database_bytes(self.airflow.home / "airflow.db")
        made = self.api.backfill(dag, FIRST, last, reprocess=reprocess)
        runs = self.api.wait_for_runs(made, on_progress=lambda _: self.airflow.check(), timeout_seconds=WITHIN_SECONDS)
        grown = database_bytes(self.airflow.home / "airflow.db") - kept
        took = Took(time.perf_counter() - began, self._used() - used, grown)
        if red := [run.day for run in runs if run.state != "success"]:
            sys.exit(f"{dag}: the runs of {red} did not end well")
        return took, runs

    def _used(self) -> float:
        """Processor time of Airflow's processes so far, those of tasks that have ended included."""
        times = [process.cpu_times() for process in processes.marked(self.airflow.home)]
        return sum(each.user + each.system + each.children_user + each.children_system for each in times)

    def tasks(self, runs: list[Run]) -> int:
        """How many tasks there were in these runs."""
        return sum(len(self.api.tasks(run)) for run in runs)

    def prove(self) -> None:
        """Hold the outbox to what the sample knows to be right. Raises: SystemExit naming the differences."""
        outbox = Path(self.where.home) / "outbox"
        found = differences(self.where.settings(), outbox, self.order.out / "truth.json")
        if found:
            sys.exit("\n".join(["the outbox is not what it should be:", *found]))


def main() -> None:
    """Both backfills, twice, the order changed; then the finished days again."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--stores", type=int, default=5)
    parser.add_argument("--receipts", type=int, default=200, help="mean a store-day")
    parser.add_argument("--once", action="store_true", help="one round: the empty tasks, then the real ones")
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="a folder to write the figures to as JSON")
    said = parser.parse_args()
    folder = said.folder.resolve()
    order = lay_out(folder, stores=said.stores, receipts=said.receipts, day=FIRST, days=said.days)
    without_stock(folder)
    home = folder / "home"
    ledger = f"sqlite:///{home / 'ledger.sqlite'}"
    where = Environment(folder / "config", str(home), ledger, PROJECT / "include" / "expectations")
    _say(
        f"{said.days} days x {said.stores} stores, mean {said.receipts} receipts a store-day; Airflow "
        f"{version('apache-airflow')}, Great Expectations {version('great-expectations')}, Python "
        f"{platform.python_version()}, {os.cpu_count()} cores"
    )
    with _airflow(folder, order, where) as airflow, AirflowApi(airflow.url, airflow.user, airflow.password) as api:
        bench = Bench(folder, order, said.days, airflow, api, where)
        for dag in (REAL, EMPTY):
            api.wait_for_dag(dag)
            api.unpause(dag)
        rounds = [(EMPTY, REAL)] if said.once else [(EMPTY, REAL), (REAL, EMPTY)]
        took, tasks = {REAL: Took(0, 0), EMPTY: Took(0, 0)}, {REAL: 0, EMPTY: 0}
        for both in rounds:
            shutil.rmtree(home, ignore_errors=True)  # the second round starts from nothing as well
            for dag in both:
                one, runs = bench.backfill(dag)
                took[dag] += one
                tasks[dag] = bench.tasks(runs)
                _say(f"{dag}: {len(runs)} runs, {tasks[dag]} tasks: {one}")
            bench.prove()
        real, empty = took[REAL], took[EMPTY]
        times = f"{real.wall / empty.wall:.2f} times, {real.processor / empty.processor:.2f} of processor time"
        _say(f"in all: {real}, beside {empty} with empty tasks; {times}")
        rows = [_row(said, dag, tasks[dag], len(rounds), took[dag]) for dag in (EMPTY, REAL)]
        rows += [_row(said, what, many, 1, one) for what, many, one in _again(bench)]
        if said.out:
            keep(said.out, "backfill", rows, ("days", "stores", "what"))


def _row(said: argparse.Namespace, what: str, tasks: int, rounds: int, took: Took) -> dict[str, Any]:
    """A measurement for JSON; several rounds as their mean."""
    mean = {"clock": round(took.wall / rounds, 1), "cpu": round(took.processor / rounds, 1)}
    mean["metadata_bytes"] = took.metadata // rounds
    of = {"days": said.days, "stores": said.stores, "receipts": said.receipts}
    return {**of, "what": what, "tasks": tasks, "rounds": rounds, **mean}


def _again(bench: Bench) -> Iterator[tuple[str, int, Took]]:
    """Finished days once more: left out by Airflow, or run again and found done."""
    before = _handed_over(bench)
    took, runs = bench.backfill(REAL, reprocess="failed")
    _say(f"finished days, those that are missing or red: {len(runs)} runs, {took}")
    yield "finished days again, missing or red ones only", bench.tasks(runs), took
    took, runs = bench.backfill(REAL, reprocess="completed")
    _say(f"finished days, all of them again: {len(runs)} runs, {took}")
    yield "finished days again, all", bench.tasks(runs), took
    if _handed_over(bench) != before:
        sys.exit("finished days were handed over again")


def _handed_over(bench: Bench) -> set[Path]:
    return set((Path(bench.where.home) / "outbox").rglob("*"))


def _airflow(folder: Path, order: SampleOrder, where: Environment) -> AirflowStandalone:
    dags = folder / "dags"
    shutil.rmtree(dags, ignore_errors=True)
    shutil.copytree(PROJECT / "dags" / "storeday_dags", dags / "storeday_dags")
    source = (PROJECT / "dags" / f"{REAL}.py").read_text(encoding="utf-8")
    (dags / f"{REAL}.py").write_text(source, encoding="utf-8")
    (dags / f"{EMPTY}.py").write_text(emptied(source, list(order.store_codes)), encoding="utf-8")
    shutil.rmtree(folder / "airflow", ignore_errors=True)
    return AirflowStandalone(folder / "airflow", dags=dags, plugins=PROJECT / "plugins", environment=where.variables)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
