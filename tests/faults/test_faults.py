"""What breaks around a run: an outbox nobody can write to, another run of the same day, a clock that is wrong, files
that are listed before their bytes are there. After each the next run hands over what an undisturbed one would, once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import new_database, or_skip, postgres_server
from shops import EXPECTATIONS, OpenShop, Shop, settle
from storeday.config.environment import Environment
from storeday.model.store_day import State
from storeday.stages.workplace import Workplace
from tills import Slice, Till, refund, sale, z

STORES = ("S01", "S02")


def morning(store: str) -> list[Slice]:
    till = Till(store)
    return [
        till.slice("09:00", sale("12.60"), sale("6.00", tender="VISA")),
        till.slice("10:00", refund("2.40"), z(counted="10.00")),
    ]


def handed_over(shop: Shop) -> dict[str, bytes]:
    """The outbox: every file by its path."""
    outbox = shop.home / "outbox"
    return {str(path.relative_to(outbox)): path.read_bytes() for path in sorted(outbox.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def undisturbed(open_shop: OpenShop) -> dict[str, bytes]:
    """What a run without any fault hands over."""
    shop = open_shop(*STORES)
    for part in (part for store in STORES for part in morning(store)):
        shop.send(part)
    ran, _ = shop.run()
    assert (ran.staged, ran.faults) == (2, 0)
    return handed_over(shop)


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """Two stores whose files wait to be fetched."""
    shop = open_shop(*STORES)
    for part in (part for store in STORES for part in morning(store)):
        shop.send(part)
    return shop


def test_an_outbox_that_can_not_be_written_to_loses_nothing(shop: Shop, undisturbed: dict[str, bytes]) -> None:
    outbox = shop.home / "outbox"
    outbox.parent.mkdir(parents=True, exist_ok=True)
    outbox.write_text("a file where the folder should be")

    ran, said = shop.run()
    outbox.unlink()
    again, _ = shop.run()

    assert ran.faults == 1
    assert "Traceback" not in said
    assert (again.staged, again.faults) == (2, 0)
    assert handed_over(shop) == undisturbed


@pytest.mark.parametrize("years", [-30, 30])
def test_a_clock_that_is_wrong_changes_no_byte(
    shop: Shop, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, years: int
) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + years * 365 * 86_400)

    ran, _ = shop.run()

    assert (ran.staged, ran.faults) == (2, 0)
    assert handed_over(shop) == undisturbed


def test_a_file_listed_before_its_bytes_are_there_is_taken_in_once_they_are(
    open_shop: OpenShop, undisturbed: dict[str, bytes]
) -> None:
    shop = open_shop(*STORES)
    parts = [part for store in STORES for part in morning(store)]
    for part in parts:
        shop.send(part)
    late = shop.sources / "S01" / parts[0].name
    late.write_bytes(b"")

    ran, said = shop.run()
    late.write_bytes(parts[0].content)
    again, _ = shop.run()

    assert ran.not_staged == 1
    assert "its SHA-256 is" in "\n".join(shop.held("S01")) or "rejected" in said
    assert (again.staged, again.faults) == (2, 0)
    assert _rows(handed_over(shop)) == _rows(undisturbed)


def test_a_file_that_grows_while_it_is_read_is_not_taken_for_the_whole(shop: Shop) -> None:
    part = morning("S01")[0]
    path = shop.sources / "S01" / part.name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])

    shop.run()
    halfway = shop.files("S01")
    path.write_bytes(whole)
    shop.run()

    assert part.name not in {file.name for file in halfway}
    assert shop.state("S01") is State.DELIVERED
    assert sum(file.gross_minor for file in shop.files("S01")) == 16_20


def _rows(outbox: dict[str, bytes]) -> set[bytes]:
    """The rows of all transaction files, without the id of their batch."""
    files = [content for name, content in outbox.items() if name.endswith("transactions.csv")]
    return {b",".join(line.split(b",")[:11]) for content in files for line in content.splitlines()}


# Two runs of one day at the same time, as a schedule and a backfill may make them.

RUN = """
import sys
from datetime import date
from pathlib import Path
from storeday.config.environment import Environment
from storeday.stages.run import run_days
from storeday.stages.workplace import Workplace
config, home, ledger, expectations, gate = sys.argv[1:]
while not Path(gate).exists():
    pass
with Workplace.open("one of two", Environment(Path(config), home, ledger, Path(expectations))) as work:
    ran = run_days(work, [date(2026, 11, 22)], ["S01", "S02"], say=print)
sys.exit(ran.faults)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An empty ledger of the test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'home' / 'ledger.sqlite'}"
        return
    with or_skip(), postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield new_database(url)


def test_two_runs_of_one_day_at_the_same_time_hand_it_over_once(
    ledger_url: str, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    settle(tmp_path, dict.fromkeys(STORES, ""))
    home, gate = tmp_path / "home", tmp_path / "gate"
    where = Environment(tmp_path / "config", str(home), ledger_url, EXPECTATIONS)
    with Workplace.open("tests", where) as work:
        shop = Shop(work, tmp_path / "sources", home)
        for part in (part for store in STORES for part in morning(store)):
            shop.send(part)

        command = [sys.executable, "-c", RUN, where.config, where.home, where.ledger_url, EXPECTATIONS, gate]
        both = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ)
            for _ in range(2)
        ]
        gate.touch()
        said = [run.communicate(timeout=240)[0] for run in both]
        shop.run()  # what one of them had to leave to the other ("deliver again") is finished by the next

        assert all("Traceback" not in text for text in said), said
        assert handed_over(shop) == undisturbed
        assert {shop.state(store) for store in STORES} == {State.DELIVERED}
