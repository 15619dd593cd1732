"""The demo: the real job on embedded defaults.

Five sample stores' tills on an SFTP server of their own, an Airflow on free ports, a backfill of seven days
through its scheduler, and the outbox held to what the sample knows to be right. All of it lives in one
folder and stays there, so that a second run finds the first one's work.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

from storeday.config.environment import Environment
from storeday.config.settings import Settings
from storeday.config.source import SftpSource
from storeday.demo.airflow_api import AirflowApi, Reprocess, Run
from storeday.demo.airflow_process import AirflowStandalone
from storeday.demo.compare import differences
from storeday.demo.faults import deliveries_of, not_as_planted, sage_with_faults
from storeday.demo.sftp_server import SftpServer
from storeday.model.storage import write_whole
from storeday.sage50.readback.odbc import read_odbc
from storeday.sample import SampleOrder, write_sample
from storeday.stages import StoreDayLine, Workplace, check_config, overview
from storeday.stages.audit import audit_month
from storeday.stages.reconcile import Reconciled, reconcile

PROJECT = Path(__file__).resolve().parents[3]
DAYS = 7
BROKEN_STORE, BROKEN_DAYS_BEFORE_LAST = "S03", 2
RECEIPTS = 200
WITHIN_SECONDS = 1800
LINEAGE = "lineage.jsonl"
"""The file of OpenLineage's events, below STOREDAY_HOME."""

Say = Callable[[str], None]


class Airflow(Protocol):
    """What is asked of a running Airflow: where it is, a login, and (raising) whether all of it is still up."""

    @property
    def url(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    def check(self) -> None: ...


@dataclass(frozen=True)
class Demo:
    """A demo that is running, or what came of it."""

    airflow: AirflowStandalone
    settings: Settings
    sample: SampleOrder
    home: Path
    truth: Path
    first: date
    last: date


@dataclass(frozen=True)
class Outcome:
    """What the backfill came to."""

    lines: list[StoreDayLine]
    new_batches: int
    folders: list[Path]
    differences: list[str]  # between the outbox and truth.json; empty is the proof
    runs: list[Run]  # of the backfill, as they ended
    unexpected_runs: list[Run]  # whose colour is not what the store-days' states ask for


@contextmanager
def running(
    folder: Path, today: date, say: Say, *, days: int = DAYS, config: Path = PROJECT / "include" / "config"
) -> Iterator[Demo]:
    """The sample, the SFTP server and Airflow, up until the context ends.

    ``today`` chooses the days of a new sample, the last before it; a folder that has a sample keeps its days.
    ``config`` has the settings of the sample's stores.
    """
    order = sample_of(folder, today, days, say)
    where = Environment(
        config=config,
        home=str(folder / "home"),
        ledger_url=f"sqlite:///{folder / 'home' / 'ledger.sqlite'}",
        expectations=PROJECT / "include" / "expectations",
    )
    settings = check_config(where)
    say("Starting the stores' SFTP server.")
    with SftpServer(folder / "sample", folder / "sftp") as server:
        environment = {
            **where.variables,
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(_lineage_file(folder / "home")),
            **_connections(settings, server),
        }
        os.environ.update({name: value for name, value in environment.items() if name.startswith("STOREDAY_")})
        airflow = AirflowStandalone(
            folder / "airflow", dags=PROJECT / "dags", plugins=PROJECT / "plugins", environment=environment
        )
        say("Starting Airflow (the first time it also makes its database; about half a minute).")
        with airflow:
            say(f"Airflow is up: {airflow.url}  user {airflow.user}  password {airflow.password}")
            first, last = order.trading_days[0], order.trading_days[-1]
            yield Demo(airflow, settings, order, folder / "home", folder / "sample" / "truth.json", first, last)


def backfill(demo: Demo, say: Say, *, reprocess: Reprocess = "completed") -> Outcome:
    """Backfill the sample's days through the scheduler and hold the outbox to truth.json."""
    before = _delivered(demo)
    runs, stock = close_week(demo.airflow, demo.first, demo.last, say, reprocess=reprocess)
    lines = _overview(demo)
    after = _delivered(demo)
    found = differences(demo.settings, demo.home / "outbox", demo.truth)
    wrong = not_as_the_days_stand([*runs, *stock], lines)
    return Outcome(lines, len(after - before), sorted(after), found, runs, wrong)


def close_week(
    airflow: Airflow,
    first: date,
    last: date,
    say: Say,
    *,
    reprocess: Reprocess = "completed",
    meanwhile: Callable[[AirflowApi, Sequence[Run]], None] = lambda _api, _runs: None,
) -> tuple[list[Run], list[Run]]:
    """Fetch the stores' files, backfill the days and stage their stock; the runs of the backfill and of stock.

    ``meanwhile`` is called at each look at the backfill's runs. Raises: as AirflowApi, and ``airflow.check``.
    """
    with AirflowApi(airflow.url, airflow.user, airflow.password) as api:
        for dag in ("close_store_days", "collect_pos_files", "sync_stock"):
            api.wait_for_dag(dag)
            api.unpause(dag)
        progress = _Progress(say, airflow)

        def look(runs: Sequence[Run]) -> None:
            progress(runs)
            meanwhile(api, runs)

        say("Fetching the stores' files with collect_pos_files.")
        api.wait_for_runs([api.trigger("collect_pos_files")], on_progress=progress, timeout_seconds=WITHIN_SECONDS)
        say(f"Backfilling close_store_days from {first.isoformat()} to {last.isoformat()}.")
        made = api.backfill("close_store_days", first, last, reprocess=reprocess)
        runs = api.wait_for_runs(made, on_progress=look, timeout_seconds=WITHIN_SECONDS)
        say(f"Staging stock with sync_stock of {last.isoformat()}: the days before come along.")
        stock = [api.trigger("sync_stock", day=last)]
        return runs, api.wait_for_runs(stock, on_progress=progress, timeout_seconds=WITHIN_SECONDS)


def not_as_the_days_stand(runs: Sequence[Run], lines: Sequence[StoreDayLine]) -> list[Run]:
    """The runs whose colour is not what their day's store-days ask for: red where one is not staged."""
    held = {line.trading_day for line in lines if not line.state.is_staged}
    return [run for run in runs if run.state != ("failed" if date.fromisoformat(run.day or "") in held else "success")]


@dataclass(frozen=True)
class Compared:
    """What came of holding the week to a Sage with six faults in it."""

    found: Reconciled
    not_as_planted: list[str]  # empty is the proof


def reconcile_week(demo: Demo, say: Say) -> Compared:
    """Import the week's outbox into a Sage of the demo's own, plant six faults there, and reconcile."""
    company = demo.settings.companies[0]
    code = company.company.code
    say(f"Importing the week into a sandbox of {company.company.name} and planting six faults in it.")
    with Workplace.open("demo") as work:
        place = demo.home / "demo-sage" / f"{code}.sqlite"
        sage, planted = sage_with_faults(company, place, deliveries_of(work, code))
        with sage.reading() as connection:
            trail = read_odbc("the demo's Sage", connection, demo.first)
        found = reconcile(work, code, demo.first, demo.last, trail)
    return Compared(found, not_as_planted(planted, [each.difference for each in found.open]))


def audits(demo: Demo) -> list[str]:
    """The pages of the months that the week is in, their audits written anew."""
    with Workplace.open("demo") as work:
        company = demo.settings.companies[0].company.code
        months = sorted({day.replace(day=1) for day in (demo.first, demo.last)})
        return [audit_month(work, company, month).page for month in months]


class _Progress:
    """Says how far the backfill is, whenever that changed."""

    def __init__(self, say: Say, airflow: Airflow) -> None:
        self.say, self.airflow, self.said = say, airflow, ""

    def __call__(self, runs: Sequence[Run]) -> None:
        self.airflow.check()
        done = sorted(run.day or run.state for run in runs if run.is_finished)
        text = f"  {len(done)} of {len(runs)} runs done" + (f", {done[-1]} the latest" if done else "")
        if text != self.said:
            self.say(text)
            self.said = text


def sample_of(folder: Path, today: date, days: int, say: Say) -> SampleOrder:
    """The sample's files, written once; which days they are of is kept beside them."""
    kept = folder / "sample-days.json"
    first = date.fromisoformat(json.loads(kept.read_text())["first"]) if kept.exists() else today - timedelta(days=days)
    broken = (BROKEN_STORE, first + timedelta(days=max(0, days - 1 - BROKEN_DAYS_BEFORE_LAST)))
    order = SampleOrder(out=folder / "sample", start=first, days=days, receipts=RECEIPTS, broken=(broken,))
    if not kept.exists():
        say(f"Writing {order.stores} sample stores' till files for {days} days, one store-day broken on purpose.")
        write_sample(order, progress=lambda line: say(f"  {line}"))
        write_whole(str(kept), json.dumps({"first": first.isoformat()}).encode())
    return order


def _lineage_file(home: Path) -> dict[str, object]:
    """OpenLineage's file transport: a line an event, whole, from whatever process."""
    home.mkdir(parents=True, exist_ok=True)
    return {"type": "file", "log_file_path": str(home / LINEAGE), "append": True}


def _connections(settings: Settings, server: SftpServer) -> dict[str, str]:
    """An Airflow connection a store, in the environment: never in a file."""
    connections = {}
    for store in settings.stores():
        if isinstance(store.source, SftpSource):
            connections[f"AIRFLOW_CONN_{store.source.connection.upper()}"] = json.dumps(
                {
                    "conn_type": "sftp",
                    "host": server.host,
                    "port": server.port,
                    "login": store.code.lower(),
                    "password": server.password,
                    "extra": {"host_key": server.host_key},
                }
            )
    return connections


def _overview(demo: Demo) -> list[StoreDayLine]:
    with Workplace.open("demo") as work:
        return overview(work, demo.first, demo.last)


def _delivered(demo: Demo) -> set[Path]:
    return {manifest.parent for manifest in (demo.home / "outbox").glob("*/*/[!.]*/manifest.json")}
