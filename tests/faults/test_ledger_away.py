"""The ledger's PostgreSQL goes away in the middle of a run: that is said, and the next run ends as if it had not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Postgres, new_database, or_skip, postgres
from shops import EXPECTATIONS, OpenShop, Shop, settle
from storeday.config.environment import Environment
from storeday.model.errors import LedgerUnreachable
from storeday.model.store_day import State
from storeday.stages.run import run_days
from storeday.stages.workplace import Workplace
from tills import DAY, Till, refund, sale, z

STORES = ("S01", "S02")
STEPS = 6
"""Lines that a run of two stores says: two of what was collected, two of what is ready, and two of the batch."""


def send(shop: Shop) -> None:
    for store in STORES:
        till = Till(store)
        shop.send(till.slice("09:00", sale("12.60"), sale("6.00", tender="VISA")))
        shop.send(till.slice("10:00", refund("2.40"), z(counted="10.00")))


def handed_over(home: Path) -> dict[str, bytes]:
    outbox = home / "outbox"
    return {str(path.relative_to(outbox)): path.read_bytes() for path in sorted(outbox.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def undisturbed(open_shop: OpenShop) -> dict[str, bytes]:
    shop = open_shop(*STORES)
    send(shop)
    ran, said = shop.run()
    assert (ran.staged, ran.faults, len(said.splitlines())) == (2, 0, STEPS)
    return handed_over(shop.home)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with or_skip(), postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def where(server: Postgres, tmp_path: Path) -> Environment:
    """An installation on that server whose two stores' files wait."""
    settle(tmp_path, dict.fromkeys(STORES, ""))
    where = Environment(tmp_path / "config", str(tmp_path / "home"), new_database(server.url), EXPECTATIONS)
    with Workplace.open("tests", where) as work:
        send(Shop(work, tmp_path / "sources", tmp_path / "home"))
    return where


@pytest.mark.parametrize("step", range(1, STEPS, 2))
def test_a_run_whose_ledger_goes_away_after_any_step_says_so_and_the_next_ends_as_if_it_had_not(
    where: Environment, server: Postgres, undisturbed: dict[str, bytes], step: int
) -> None:
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if len(said) == step:
            server.stop(signal.SIGQUIT)

    with Workplace.open("tests", where) as work:
        try:
            with pytest.raises(LedgerUnreachable, match="does not answer"):
                run_days(work, [DAY], list(STORES), say)
        finally:
            server.start()
        again = run_days(work, [DAY], list(STORES), said.append)  # over the same engine, its connections all dead

        assert (again.staged, again.faults) == (2, 0)
        assert handed_over(Path(where.home)) == undisturbed
        assert [work.ledger.store_day(store, DAY).state for store in STORES] == [State.DELIVERED] * 2  # type: ignore[union-attr]


def test_the_command_line_says_in_one_sentence_that_the_ledger_is_away(
    where: Environment, server: Postgres, undisturbed: dict[str, bytes]
) -> None:
    with storeday_run(where) as running:
        assert running.stdout
        running.stdout.readline()
        server.stop(signal.SIGQUIT)
        try:
            _, broken = running.communicate(timeout=120)
        finally:
            server.start()
    with storeday_run(where) as running:
        _, fine = running.communicate(timeout=120)
        again = running.returncode

    assert [line[:11] for line in broken.splitlines()] == ["storeday: t"]
    assert "does not answer" in broken
    assert "nothing is lost" in broken
    assert (again, fine) == (0, "")
    assert handed_over(Path(where.home)) == undisturbed


def storeday_run(where: Environment) -> subprocess.Popen[str]:
    """`storeday run` of the day, in a process of its own."""
    command = [sys.executable, "-c", "from storeday.cli import main; main()", "run", "--day", DAY.isoformat()]
    return subprocess.Popen(
        command, env={**os.environ, **where.variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
