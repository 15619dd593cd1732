"""The services of docker-compose.yaml as processes of this machine, where no container engine is.

Commands, environments and health checks are the compose file's own. Replaced are hosts, ports and folders; added is
what containers keep apart (OF_ONE_MACHINE), and what makes waits short (SOON). PostgreSQL is Debian's, the object store
moto's.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fsspec
import psutil
import psycopg
from composed import ROOT, SERVICES, environment_of, interpolated, read_env
from servers import ObjectStore, Postgres, ServerMissing, object_store, postgres
from storeday.config.environment import Environment
from storeday.demo import processes
from storeday.demo.airflow_settings import environment_of as whole_environment
from storeday.demo.processes import Program, ProgramFailed

STARTS_WITHIN_SECONDS = 240
WORKERS = ("worker-1", "worker-2")
SERVERS = ("api-server", "scheduler", "dag-processor", "triggerer")

OF_ONE_MACHINE = {
    "AIRFLOW__API__HOST": "127.0.0.1",
    "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # no DNS
    "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "false",
    "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "false",  # the clock starts no runs of its own
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "false",
}
SOON = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",  # 120 s in the compose file
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "300",  # a task that the dead worker had taken and not begun: 600 s
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "2",  # 60 s in the compose file
}
"""What is found in minutes there is found in seconds here."""


@dataclass
class Topology:
    """The running services; `url`, `user`, `password` and `check` are what the demo asks of an Airflow."""

    folder: Path
    env: dict[str, str]  # an .env, as docker/make_env.sh writes it
    ports: dict[str, int]
    store: ObjectStore
    programs: dict[str, Program] = field(default_factory=dict)
    user: str = "admin"

    @property
    def url(self) -> str:
        """The address of the web UI and the REST API."""
        return f"http://127.0.0.1:{self.ports['api-server']}"

    @property
    def password(self) -> str:
        """The password of the user admin."""
        return self.env["AIRFLOW_ADMIN_PASSWORD"]

    @property
    def shared(self) -> Path:
        """The folder that all containers mount as /var/lib/storeday."""
        return self.folder / "volumes" / "lineage"

    def check(self) -> None:
        """Raises: ProgramFailed when a service has ended that nobody killed."""
        for program in self.programs.values():
            program.raise_if_ended()

    def environment(self, name: str) -> dict[str, str]:
        """The whole environment of a process of a service: the compose file's, as seen from this machine."""
        said = environment_of(_service(name), self.env)
        ours = {key: self.here(value, name) for key, value in said.items()} | OF_ONE_MACHINE | SOON
        ours |= {
            "AIRFLOW__API__PORT": str(self.ports["api-server"]),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(self.ports.get(name, 0)),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(self.ports["triggerer"]),
            "HOSTNAME": name,
        }
        return whole_environment(self._home(name), ours)

    def here(self, text: str, name: str) -> str:
        """A text of the compose file with the hosts, ports and folders of this machine."""
        for inside, outside in {
            "postgres:5432": f"127.0.0.1:{self.ports['postgres']}",
            "redis:6379": f"127.0.0.1:{self.ports['redis']}",
            "http://s3:7070": self.store.endpoint,
            '"host": "sftp", "port": 2222': f'"host": "127.0.0.1", "port": {self.ports["sftp"]}',
            "http://api-server:8080": self.url,
            "http://localhost:8080": self.url,
            "127.0.0.1:8080": f"127.0.0.1:{self.ports['api-server']}",
            "8974": str(self.ports["scheduler"]),
            "/opt/storeday": str(ROOT),
            "/opt/airflow": str(self._home(name)),
            "/var/lib/storeday": str(self.shared),
        }.items():
            text = text.replace(inside, outside)
        return text

    def run(self, name: str) -> None:
        """Run a service that ends by itself. Raises: ProgramFailed with its log where it does not end well."""
        program = self.start(name)
        program.process.wait(STARTS_WITHIN_SECONDS)
        if program.process.returncode:
            raise ProgramFailed(f"{name} ended badly.\n{processes.tail(program.log)}")
        del self.programs[name]

    def start(self, name: str) -> Program:
        """Start a process of a service as the compose file says."""
        command = [self.here(interpolated(word, self.env), name) for word in SERVICES[_service(name)]["command"]]
        command += ["--celery-hostname", f"celery@{name}"] if name in WORKERS else []
        log = self.folder / "logs" / f"{name}.log"
        program = processes.start(name, command, log=log, environment=self.environment(name), mark=self.folder)
        self.programs[name] = program
        return program

    def is_well(self, name: str) -> bool:
        """Whether a service's own health check calls it well."""
        kind, *words = SERVICES[_service(name)]["healthcheck"]["test"]
        words = shlex.split(words[0].replace("$$HOSTNAME", name)) if kind == "CMD-SHELL" else words
        command = [self.here(str(word), name) for word in words]
        asked = subprocess.run(command, env=self.environment(name), capture_output=True, timeout=120, check=False)
        return asked.returncode == 0

    def wait_for(self, names: Sequence[str]) -> None:
        """Wait until the health checks of these services call them well. Raises: ProgramFailed."""
        for name in names:
            programs = list(self.programs.values())
            what = f"The start of {name}"
            processes.wait_until(
                lambda name=name: self.is_well(name), programs, timeout_seconds=STARTS_WITHIN_SECONDS, what=what
            )

    def tree(self, name: str) -> list[psutil.Process]:
        """A service's process and all that it started, root first."""
        root = psutil.Process(self.programs[name].process.pid)
        return [root, *root.children(recursive=True)]

    def tasks_of(self, name: str) -> set[int]:
        """The processes in which a worker's tasks are at work: each was started by one of its pool's."""
        found: set[int] = set()
        for each in psutil.Process(self.programs[name].process.pid).children():
            with suppress(psutil.NoSuchProcess):
                found |= {child.pid for child in each.children()}
        return found

    def kill(self, name: str) -> int:
        """Kill -9 a service with all that it started, as when its machine is gone; how many processes it were."""
        found = self.tree(name)
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.programs.pop(name).process.wait(30)
        return len(found)

    def where(self) -> Environment:
        """The installation that the workers have."""
        said = self.environment(WORKERS[0])
        return Environment(
            config=Path(said["STOREDAY_CONFIG"]),
            home=said["STOREDAY_HOME"],
            ledger_url=said["STOREDAY_LEDGER"],
            expectations=Path(said["STOREDAY_EXPECTATIONS"]),
        )

    def store_client(self) -> Any:
        """The object store as a file system, logged in as a worker is."""
        said = self.environment(WORKERS[0])
        return fsspec.filesystem(
            "s3",
            endpoint_url=said["AWS_ENDPOINT_URL"],
            key=said["AWS_ACCESS_KEY_ID"],
            secret=said["AWS_SECRET_ACCESS_KEY"],
        )

    def _home(self, name: str) -> Path:
        """A container's own /opt/airflow, with the volume of logs that all of them mount."""
        home, logs = self.folder / "containers" / name, self.folder / "volumes" / "airflow-logs"
        for folder in (home, logs, self.shared):
            folder.mkdir(parents=True, exist_ok=True)
        if not (home / "logs").exists():
            (home / "logs").symlink_to(logs)
        return home


@contextmanager
def running(folder: Path, stores: Path, say: Callable[[str], None]) -> Iterator[Topology]:
    """All services over the sample stores' files, up until the context ends.

    Raises: ServerMissing where this machine has no PostgreSQL or no Redis.
    """
    if not shutil.which("redis-server"):
        raise ServerMissing("no redis-server on PATH (Debian package: redis-server)")
    folder.mkdir(parents=True)
    subprocess.run(["sh", ROOT / "docker/make_env.sh", folder / ".env"], check=True)
    names = ("postgres", "redis", "sftp", *SERVERS, *WORKERS)
    ports = dict(zip(names, processes.free_ports(len(names)), strict=True))
    with ExitStack() as up:
        say("Starting PostgreSQL, Redis, the object store and the stores' SFTP server.")
        database = up.enter_context(postgres(folder, port=ports["postgres"]))
        store = up.enter_context(object_store(folder, bucket="another"))  # the one that counts is made by init
        all_of_it = Topology(folder, read_env(folder / ".env"), ports, store)
        up.callback(lambda: processes.end(list(all_of_it.programs.values()), mark=folder))
        _make_databases(database, all_of_it)
        _start_redis(all_of_it)
        _start_sftp(all_of_it, stores)
        say("Checking the settings, making the bucket and Airflow's database.")
        all_of_it.run("init")
        say("Starting Airflow's API server, scheduler, DAG processor and triggerer, then two Celery workers.")
        for name in SERVERS:
            all_of_it.start(name)
        all_of_it.wait_for(SERVERS[:2])
        for name in WORKERS:
            all_of_it.start(name)
        all_of_it.wait_for((*SERVERS[2:], *WORKERS))
        say(f"All services call themselves well: {', '.join(all_of_it.programs)}.")
        yield all_of_it


def _service(name: str) -> str:
    """The compose file's service that a process is one of."""
    return "worker" if name in WORKERS else name


def _make_databases(database: Postgres, topology: Topology) -> None:
    """What PostgreSQL's container does at its first start: the script itself, as its superuser."""
    with psycopg.connect(host=str(database.folder), port=database.port, user="storeday", dbname="postgres") as opened:
        opened.execute("CREATE ROLE postgres SUPERUSER LOGIN")
    reached = {"PGHOST": str(database.folder), "PGPORT": str(database.port)}
    said = environment_of("postgres", topology.env)
    path = {"PATH": f"{database.programs}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["sh", ROOT / "docker/postgres_init.sh"], env={**path, **said, **reached}, check=True)


def _start_redis(topology: Topology) -> None:
    """Redis as its container runs it, in a folder of its own; healthy by its own check."""
    data = topology.folder / "volumes" / "redis-data"
    data.mkdir(parents=True)
    port = str(topology.ports["redis"])
    command = [interpolated(word, topology.env) for word in SERVICES["redis"]["command"]]
    command += ["--bind", "127.0.0.1", "--port", port, "--dir", str(data)]
    environment = {**os.environ, **environment_of("redis", topology.env)}
    log = topology.folder / "logs" / "redis.log"
    program = processes.start("redis", command, log=log, environment=environment, mark=topology.folder)
    topology.programs["redis"] = program
    check = SERVICES["redis"]["healthcheck"]["test"][1].replace("redis-cli", f"redis-cli -p {port}")

    def is_well() -> bool:
        asked = subprocess.run(["sh", "-c", check], env=environment, capture_output=True, check=False)
        return asked.returncode == 0

    processes.wait_until(is_well, [program], timeout_seconds=30, what="Redis's start")


def _start_sftp(topology: Topology, stores: Path) -> None:
    """The SFTP server with the host key of .env over the given stores, on this machine's own address only."""
    said = environment_of("sftp", topology.env)
    key = topology.folder / "sftp_host_key"
    key.touch(mode=0o600)
    key.write_bytes(subprocess.check_output(["base64", "--decode"], input=said["SFTP_HOST_KEY_BASE64"].encode()))
    command = ["python", "-m", "storeday.demo.sftp_server", "--root", str(stores), "--host-key", str(key)]
    command += ["--port", str(topology.ports["sftp"])]
    environment = whole_environment(topology.folder, said)
    log = topology.folder / "logs" / "sftp.log"
    program = processes.start("sftp", command, log=log, environment=environment, mark=topology.folder)
    topology.programs["sftp"] = program
    check = [word.replace("2222", str(topology.ports["sftp"])) for word in SERVICES["sftp"]["healthcheck"]["test"][1:]]

    def is_well() -> bool:
        return subprocess.run(check, env=environment, capture_output=True, check=False).returncode == 0

    processes.wait_until(is_well, [program], timeout_seconds=60, what="The SFTP server's start")
