"""A whole Airflow in one folder: scheduler, DAG processor and API server on free ports of this machine.

Three processes rather than `airflow standalone`: that one waits for a triggerer nobody needs here, and when it
is told to stop it leaves its four children running.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import IO

import httpx

from storeday.demo import processes
from storeday.demo.airflow_settings import READER, USER, environment_of, secrets_of, write_settings
from storeday.demo.processes import Program, ProgramFailed

STARTS_WITHIN_SECONDS = 180


class AirflowStandalone:
    """An Airflow with SQLite and LocalExecutor in a folder of its own; a context manager.

    Started again over the same folder it keeps its runs, its password and its history. A folder serves one
    Airflow at a time; what an earlier, killed one left running is ended first. Its settings stand in the
    folder's `airflow.cfg`, so that `AIRFLOW_HOME=<folder> airflow ...` in another terminal talks about it.

    Parameters: home, its folder (AIRFLOW_HOME); dags and plugins, the folders to serve; environment, variables
    for every process, which win over all that is set here; parallelism, tasks at once; on_schedule, whether
    the clock starts runs too and not only a backfill or a person.
    """

    user, reader = USER, READER

    def __init__(
        self,
        home: Path,
        *,
        dags: Path,
        plugins: Path | None = None,
        environment: Mapping[str, str] | None = None,
        parallelism: int = 4,
        on_schedule: bool = False,
    ) -> None:
        self.home = home.resolve()
        self.logs = self.home / "process-logs"
        self._dags, self._plugins = dags.resolve(), (plugins or self.home / "plugins").resolve()
        self._parallelism, self._on_schedule = parallelism, on_schedule
        self._given = dict(environment or {})
        self._port = 0
        self._programs: list[Program] = []
        self._lock: IO[str] | None = None

    @property
    def url(self) -> str:
        """The address of the web UI, from the start on; the REST API lies below it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def password(self) -> str:
        """The password of the user `admin`: made on first use, the same at every start over this folder."""
        return secrets_of(self.home).password

    @property
    def reader_password(self) -> str:
        """The password of the user `reader`, who may look and do nothing."""
        return secrets_of(self.home).reader_password

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of its processes, for a command of Airflow that should find this one."""
        return environment_of(self.home, self._given)

    def start(self, timeout_seconds: float = STARTS_WITHIN_SECONDS) -> None:
        """Make the database where there is none, start the processes and wait until all of them are healthy.

        Raises: ProgramFailed with the end of the log when one dies or the time is up; nothing runs on then.
        """
        self._lock = processes.take(self.home, "Airflow")
        try:
            self._write_settings()
            self._migrate(timeout_seconds)
            began = datetime.now(UTC)
            self._programs = [self._start(each) for each in ("api-server", "scheduler", "dag-processor")]
            processes.wait_until(
                lambda: self._is_healthy(began), self._programs, timeout_seconds=timeout_seconds, what="Airflow's start"
            )
        except BaseException:
            self.stop()
            raise

    def check(self) -> None:
        """Raises: ProgramFailed when one of the processes has ended meanwhile. Call it in long waits."""
        for program in self._programs:
            program.raise_if_ended()

    def stop(self) -> None:
        """End every process of this Airflow and wait until none is left. Stopped already, it does nothing."""
        if self._lock is None:
            return
        processes.end(self._programs, mark=self.home)
        self._programs = []
        self._lock.close()
        self._lock = None

    def __enter__(self) -> AirflowStandalone:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _write_settings(self) -> None:
        self._port, log_server_port = processes.free_ports(2)
        write_settings(
            self.home,
            dags=self._dags,
            plugins=self._plugins,
            port=self._port,
            log_server_port=log_server_port,
            parallelism=self._parallelism,
            on_schedule=self._on_schedule,
        )

    def _migrate(self, timeout_seconds: float) -> None:
        done = self.home / f"migrated-{version('apache-airflow-core')}"
        if done.exists():
            return
        migration = self._start("db", "migrate")
        processes.wait_until(
            lambda: migration.process.poll() is not None,
            [],
            timeout_seconds=timeout_seconds,
            what="Making Airflow's database",
        )
        if code := migration.process.returncode:
            raise ProgramFailed(
                f"Airflow's database could not be made: exit code {code}.\n{processes.tail(migration.log)}"
            )
        done.touch()

    def _start(self, *words: str) -> Program:
        name = "-".join(words)
        command = [sys.executable, "-P", "-m", "airflow", *words]
        return processes.start(
            name, command, log=self.logs / f"{name}.log", environment=self.environment, mark=self.home
        )

    def _is_healthy(self, since: datetime) -> bool:
        """Whether all have reported: since this start, for a killed Airflow looks alive for half a minute.

        The tasks' own interface is asked, too: its first answer takes seconds, longer than a task would wait.
        """
        try:
            httpx.get(f"{self.url}/execution/health", timeout=30, trust_env=False).raise_for_status()
            answer = httpx.get(f"{self.url}/api/v2/monitor/health", timeout=30, trust_env=False)
            health = answer.raise_for_status().json()
        except httpx.HTTPError:
            return False
        beats = [health[each][f"latest_{each}_heartbeat"] for each in ("scheduler", "dag_processor")]
        return health["metadatabase"]["status"] == "healthy" and all(
            beat is not None and datetime.fromisoformat(beat) >= since for beat in beats
        )
