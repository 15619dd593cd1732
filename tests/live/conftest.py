"""Real servers for the live tests: an SFTP server with the stores' folders, and whole Airflows.

What a test starts here is gone when it ends, whatever happened in between.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import pytest
from airflows import PROJECT, RunningAirflow, StartAirflow
from browsers import FLAGS
from playwright.sync_api import Browser, sync_playwright
from servers import ServerMissing, skip_or_fail
from storeday.demo.airflow_api import AirflowApi
from storeday.demo.airflow_process import AirflowStandalone
from storeday.demo.run import Demo, Outcome, backfill, running
from storeday.demo.sftp_server import SftpServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is live; what takes minutes by itself waits for CI, or for who asks for it."""
    asked = any(os.environ.get(name, "").lower() in {"true", "1"} for name in ("CI", "STOREDAY_LONG"))
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.live)
            if item.get_closest_marker("long") and not asked:
                item.add_marker(pytest.mark.skip(reason="takes minutes: make test-long runs it, and so does CI"))


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    """An SFTP server over an empty root: a test makes its stores' folders in `sftp_server.root` and logs in as them."""
    root = tmp_path_factory.mktemp("sftp")
    with SftpServer(root, tmp_path_factory.mktemp("sftp-state")) as server:
        yield server


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartAirflow]:
    """Starts Airflows, each in a folder of its own, and stops them all when the tests are over."""
    with ExitStack() as running:

        def start(
            *,
            dags: Path = PROJECT / "dags",
            plugins: Path = PROJECT / "plugins",
            environment: dict[str, str] | None = None,
            on_schedule: bool = False,
        ) -> RunningAirflow:
            home = tmp_path_factory.mktemp("airflow")
            process = running.enter_context(
                AirflowStandalone(home, dags=dags, plugins=plugins, environment=environment, on_schedule=on_schedule)
            )
            api = running.enter_context(AirflowApi(process.url, process.user, process.password))
            return RunningAirflow(process, api)

        yield start


@pytest.fixture(scope="session")
def need_program() -> Callable[[str], str]:
    """The path of a program that a test can't do without, say `need_program("chromium")`.

    Where it is missing the test is skipped, and says so; under CI it fails, for there a test that nobody
    runs is a test that nobody has.
    """

    def path_of(name: str) -> str:
        path = shutil.which(name)
        return path or skip_or_fail(ServerMissing(f"the program {name!r} is not on this machine's PATH"))

    return path_of


@pytest.fixture(scope="session")
def browser(need_program: Callable[[str], str]) -> Iterator[Browser]:
    """Chromium, the system's own."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=need_program("chromium"), args=FLAGS)
        yield started
        started.close()


FIRST = date(2026, 11, 16)
"""The first of the two days of the demo that tests share: test_whole_way.py first, test_whole_way_board.py after it."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """What `make demo` starts, with two days."""
    with running(tmp_path_factory.mktemp("demo"), FIRST + timedelta(days=2), print, days=2) as up:
        yield up


@pytest.fixture(scope="session")
def outcome(demo: Demo) -> Outcome:
    """The demo's days, backfilled: one store-day is held."""
    return backfill(demo, print)
