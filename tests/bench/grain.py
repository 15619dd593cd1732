"""What the grain is worth: one day of many stores through Airflow's scheduler, with so many stores a task.

    PYTHONPATH=tests/bench python tests/bench/grain.py --stores 40 --grain 1 --grain 10 --grain 40 --in DIR

Each grain has an Airflow and a state of its own (SQLite, LocalExecutor, as in the demo). The day is closed over till
files that wait to be fetched; with --again then once more, with nothing new. Every grain must hand over the same bytes,
held to the sample's truth.json.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from backfill import FIRST, REAL, Bench
from chains import COMPANY, PROJECT, lay_out
from storeday.config.environment import Environment
from storeday.config.running import RUNNING_FILE
from storeday.demo.airflow_api import AirflowApi
from storeday.demo.airflow_process import AirflowStandalone
from storeday.sample import SampleOrder


def main() -> None:
    """The day at each grain, and a line of the table of each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stores", type=int, default=40)
    parser.add_argument("--receipts", type=int, default=20, help="mean a store-day")
    parser.add_argument("--grain", type=int, action="append", required=True, help="stores a task; several times")
    parser.add_argument("--again", action="store_true", help="close the finished day once more")
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    said = parser.parse_args()
    folder = said.folder.resolve()
    order = lay_out(folder, stores=said.stores, receipts=said.receipts, day=FIRST)
    company = folder / "config" / COMPANY / "company.yaml"
    company.write_text(company.read_text().partition("\nstock:")[0])  # stock is another DAG's
    print(
        f"{said.stores} stores, mean {said.receipts} receipts; Airflow {version('apache-airflow')}, Great Expectations "
        f"{version('great-expectations')}, Python {platform.python_version()}, {os.cpu_count()} cores"
    )
    handed_over = {grain: _close(folder, order, grain, again=said.again) for grain in said.grain}
    if len({tuple(sorted(each.items())) for each in handed_over.values()}) > 1:
        sys.exit("the grains did not hand over the same bytes")


def _close(folder: Path, order: SampleOrder, grain: int, *, again: bool) -> dict[str, bytes]:
    """Close the day at one grain; what was handed over."""
    (folder / "config" / RUNNING_FILE).write_text(f"stores_per_task: {grain}\n")
    home = folder / f"home-{grain}"
    shutil.rmtree(home, ignore_errors=True)
    ledger = f"sqlite:///{home / 'ledger.sqlite'}"
    where = Environment(folder / "config", str(home), ledger, PROJECT / "include" / "expectations")
    with _airflow(folder, where) as airflow, AirflowApi(airflow.url, airflow.user, airflow.password) as api:
        bench = Bench(folder, order, 1, airflow, api, where)
        api.wait_for_dag(REAL)
        api.unpause(REAL)
        first, runs = bench.backfill(REAL)
        print(f"{grain} a task: {bench.tasks(runs)} tasks: {first}", flush=True)
        bench.prove()
        if again:
            print(f"{grain} a task, nothing new: {bench.backfill(REAL)[0]}", flush=True)
    outbox = home / "outbox"
    return {str(path.relative_to(outbox)): path.read_bytes() for path in outbox.rglob("*") if path.is_file()}


def _airflow(folder: Path, where: Environment) -> AirflowStandalone:
    shutil.rmtree(folder / "airflow", ignore_errors=True)
    return AirflowStandalone(
        folder / "airflow", dags=PROJECT / "dags", plugins=PROJECT / "plugins", environment=where.variables
    )


if __name__ == "__main__":
    main()
