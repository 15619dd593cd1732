"""State on an object store, with a ledger on PostgreSQL: the same bytes as in a folder, and several machines at once.

The object store is moto's, the database a real one (servers.py). What a chain of sample stores comes to in a folder
with SQLite is what it has to come to there, file for file.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from chains import COMPANY, PROJECT, lay_out
from servers import new_database, or_skip, postgres_server
from storeday.config.environment import Environment
from storeday.ledger import rows
from storeday.model.storage import files_below, join, read_all
from storeday.model.store_day import State
from storeday.sample import SampleOrder
from storeday.stages.audit import audit_month
from storeday.stages.run import run_days
from storeday.stages.stock import deliver_stock, sync_stock
from storeday.stages.uat import run_uat
from storeday.stages.workplace import Workplace

pytestmark = pytest.mark.timeout(900)

EXPECTATIONS = PROJECT / "include" / "expectations"
FIRST = date(2026, 11, 21)
DAYS = [FIRST, FIRST + timedelta(days=1)]
OF_THE_LEDGER = ("ledger.sqlite", "locks/")
"""What a folder has and an object store has not: the ledger, which is in PostgreSQL there, and its locks."""
OF_ONE_RUN = ("journal/", "reports/", "audits/")
"""The journal says who did what when; acceptance and audit are written by the first test only."""


class Noon(datetime):
    """A clock that stands still: the journal says when a thing was written down, which is no part of what it says."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime(2026, 11, 23, 12, tzinfo=tz)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> SampleOrder:
    """Two stores' till files of two days, with the settings of the company beside them."""
    return lay_out(tmp_path_factory.mktemp("chain"), stores=2, receipts=30, day=FIRST, days=len(DAYS))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running PostgreSQL."""
    with or_skip(), postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


def at(chain: SampleOrder, home: str, ledger: str) -> Environment:
    """The chain's installation with its state in a place."""
    return Environment(chain.out.parent / "config", home, ledger, EXPECTATIONS)


def whole_way(work: Workplace, stores: tuple[str, ...]) -> None:
    """Everything that writes below STOREDAY_HOME: takings and stock handed over, an acceptance, an audit."""
    said: list[str] = []
    ran = run_days(work, DAYS, list(stores), say=said.append)
    assert (ran.staged, ran.faults) == (len(stores) * len(DAYS), 0), said
    for day in DAYS:
        sync_stock(work, COMPANY, day)
    deliver_stock(work, COMPANY)
    run_uat(work, COMPANY, DAYS[0], DAYS[-1])
    audit_month(work, COMPANY, FIRST)


def contents(home: str) -> dict[str, bytes]:
    """Every file below a place, by its path."""
    names = [name for name in files_below(home) if not name.startswith(OF_THE_LEDGER)]
    found = read_all(join(home, *name.split("/")) for name in names)
    return {name: found[join(home, *name.split("/"))] for name in names}


@pytest.fixture(scope="module")
def in_folder(chain: SampleOrder, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the chain's days come to in a folder, with SQLite, by one process."""
    home = str(tmp_path_factory.mktemp("folder") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "datetime", Noon)
        with Workplace.open("tests", at(chain, home, f"sqlite:///{home}/ledger.sqlite")) as work:
            whole_way(work, chain.store_codes)
    return contents(home)


def test_an_object_store_with_postgresql_holds_the_same_bytes_as_a_folder_with_sqlite(
    chain: SampleOrder, bucket: str, database: str, in_folder: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "datetime", Noon)
    with Workplace.open("tests", at(chain, bucket, new_database(database))) as work:
        whole_way(work, chain.store_codes)

    in_bucket = contents(bucket)

    assert sorted(in_bucket) == sorted(in_folder)
    assert [name for name, content in in_folder.items() if in_bucket[name] != content] == []
    kinds = {name.partition("/")[0] for name in in_bucket}
    assert kinds == {"landing", "canonical", "journal", "receipts", "data_docs", "outbox", "reports", "audits"}


RUN = """
import sys, time
from datetime import date
from pathlib import Path
from storeday.config.environment import Environment
from storeday.stages.run import run_days
from storeday.stages.stock import deliver_stock, sync_stock
from storeday.stages.workplace import Workplace
config, home, ledger, expectations, gate, company, *days = sys.argv[1:]
days = [date.fromisoformat(day) for day in days]
with Workplace.open("one of several", Environment(Path(config), home, ledger, Path(expectations))) as work:
    stores = [store.code for store in work.settings.stores()]
    while not Path(gate).exists():
        time.sleep(0.01)
    ran = run_days(work, days, stores, say=print)
    for day in days:
        print(sync_stock(work, company, day))
    print(deliver_stock(work, company))
sys.exit(ran.faults)
"""


def test_workers_that_do_the_same_store_days_at_the_same_time_hand_each_over_once(
    chain: SampleOrder, bucket: str, database: str, in_folder: dict[str, bytes], tmp_path: Path
) -> None:
    where, gate = at(chain, bucket, new_database(database)), tmp_path / "gate"
    with Workplace.open("tests", where):
        pass  # its tables are there
    said = [where.config, where.home, where.ledger_url, EXPECTATIONS, gate, COMPANY, *(d.isoformat() for d in DAYS)]
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, *said], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    gate.touch()
    told = [worker.communicate(timeout=600)[0] for worker in workers]

    assert [worker.returncode for worker in workers] == [0, 0], told
    in_bucket = contents(bucket)
    names = {name for name in {*in_bucket, *in_folder} if not name.startswith(OF_ONE_RUN)}
    assert {name for name in names if in_bucket.get(name) != in_folder.get(name)} == set()
    with Workplace.open("tests", where) as work:
        days = work.ledger.store_days()
        assert {fact.state for fact in days} == {State.DELIVERED}
        for day in DAYS:
            assert len(work.ledger.batches(COMPANY, day)) == 1
            for store in chain.store_codes:
                files = work.ledger.files_of(store, day)
                assert len(files) == len({file.sha256 for file in files})
                moves = [(was, now) for _, was, now, _, _ in work.ledger.events(store, day) if was != now]
                assert [now for _, now in moves] == ["received", "ready", "staged", "delivered"]
