"""Real servers for tests, for as long as a test wants them: a PostgreSQL, an S3-compatible object store.

PostgreSQL is found where Debian's packages put it (/usr/lib/postgresql/*/bin) or on PATH. It listens on a Unix socket
only, unless it is given a port, keeps its files in a folder of its own, and ends with the test. The object store is
moto's server, a process of its own on a free port of this machine, which keeps its objects in memory.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
from psycopg import sql

DEBIAN = Path("/usr/lib/postgresql")
STARTS_WITHIN_SECONDS = 60


class ServerMissing(Exception):
    """This machine has no such server; the text says which packages bring it."""


def skip_or_fail(missing: ServerMissing) -> NoReturn:
    """Skip the test, saying why; in CI, where the server has to be there, fail it."""
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(f"CI must have it: {missing}")
    pytest.skip(str(missing))


@contextmanager
def or_skip() -> Iterator[None]:
    """Skip the tests that need a server which this machine hasn't, or fail them in CI; for the start of a fixture."""
    try:
        yield
    except ServerMissing as missing:
        skip_or_fail(missing)


@dataclass
class Postgres:
    """A PostgreSQL in a folder of its own; a test may stop it and start it again."""

    programs: Path
    folder: Path  # short, for the socket lies in it
    log: Path
    who: dict[str, Any]
    port: int | None = None  # of 127.0.0.1, where passwords count; None: on its socket only, where they don't
    url: str = ""  # of its own database
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-F"]
        command += ["-h", "127.0.0.1", "-p", str(self.port)] if self.port else ["-h", ""]
        with self.log.open("ab") as said:
            self._process = subprocess.Popen(command, stdout=said, stderr=said, cwd=self.folder, **self.who)
        self.url = _when_ready(self._process, self)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: fast, with SIGQUIT at once, as if it had crashed."""
        assert self._process
        self._process.send_signal(how)
        self._process.wait(timeout=30)


@contextmanager
def postgres(tmp_path: Path, *, port: int | None = None) -> Iterator[Postgres]:
    """A running PostgreSQL; its log goes to ``tmp_path``. With a port it listens on 127.0.0.1, by password only.

    Raises: ServerMissing where there is no PostgreSQL here.
    """
    programs = _postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="storeday-pg-"))
    try:
        server = Postgres(programs, folder, tmp_path / "postgres.log", _unprivileged(folder), port)
        initdb = [programs / "initdb", "-D", folder / "data", "-U", "storeday", "-E", "UTF8"]
        initdb += ["--auth-local=trust", "--auth-host=scram-sha-256"]
        with server.log.open("wb") as said:
            _run([*initdb, "--no-sync"], said, server.who)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_server(tmp_path: Path) -> Iterator[str]:
    """A running PostgreSQL and the SQLAlchemy URL of an empty database on it. Raises: as ``postgres``."""
    with postgres(tmp_path) as server:
        yield new_database(server.url)


@dataclass(frozen=True)
class ObjectStore:
    """A running S3-compatible server with one empty bucket."""

    url: str  # s3://bucket
    endpoint: str  # http://127.0.0.1:port
    environment: dict[str, str]
    """What a process wants in its environment to reach it, in the AWS SDK's own words; the credentials are made up."""


@contextmanager
def object_store(tmp_path: Path, bucket: str = "storeday") -> Iterator[ObjectStore]:
    """A running object store; its log goes to ``tmp_path``."""
    log = tmp_path / "object-store.log"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=tmp_path)
    try:
        endpoint = _said_endpoint(process, log)
        _make_bucket(endpoint, bucket)
        environment = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "of-the-tests",
            "AWS_SECRET_ACCESS_KEY": "of-the-tests",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",  # nobody asks 169.254.169.254 who we are
        }
        yield ObjectStore(f"s3://{bucket}", endpoint, environment)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _said_endpoint(server: subprocess.Popen[bytes], log: Path) -> str:
    """Where the object store listens, as soon as it says so: it chose the port itself."""
    give_up = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < give_up and server.poll() is None:
        if found := re.search(r"Running on (http://127\.0\.0\.1:\d+)", log.read_text()):
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"the object store did not start:\n{log.read_text()[-2000:]}")


def _make_bucket(endpoint: str, bucket: str) -> None:
    with closing(HTTPConnection(endpoint.removeprefix("http://"), timeout=10)) as connection:
        connection.request("PUT", f"/{bucket}")
        answer = connection.getresponse()
        assert answer.status == 200, f"no bucket {bucket}: {answer.status} {answer.read()!r}"


@contextmanager
def http_endpoint() -> Iterator[tuple[list[tuple[str, Any]], int]]:
    """An endpoint on this machine: what was posted to it, path and JSON, and its port.

    A path with ``full`` in it is answered by 503, and nothing of it is kept.
    """
    came: list[tuple[str, Any]] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_full = "full" in self.path
            came.extend([] if is_full else [(self.path, said)])
            self.send_response(503 if is_full else 200)
            self.end_headers()
            self.wfile.write(b"" if is_full else b"ok")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield came, server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def new_database(url: str) -> str:
    """The URL of a new, empty database on the server of ``url``."""
    server, _, folder = url.partition("?host=")
    name = f"db_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(host=folder, user="storeday", dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{server.rsplit('/', 1)[0]}/{name}?host={folder}"


def _postgres_programs() -> Path:
    """The folder of initdb and postgres, the newest there is."""
    versions = sorted(DEBIAN.glob("*/bin/postgres"), key=lambda program: float(program.parts[-3]), reverse=True)
    on_path = [Path(found).resolve() for found in [shutil.which("postgres")] if found]
    for program in [*versions, *on_path]:
        if (program.parent / "initdb").exists():
            return program.parent
    raise ServerMissing(f"no PostgreSQL here: neither {DEBIAN}/*/bin nor PATH has it (Debian package: postgresql)")


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: root hands the folder to the user postgres, and so the programs."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise ServerMissing("PostgreSQL doesn't run as root, and there is no user postgres to run it as") from None
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(command: list[str | Path], said: Any, who: dict[str, Any]) -> None:
    subprocess.run(command, stdout=said, stderr=said, check=True, cwd="/", timeout=STARTS_WITHIN_SECONDS, **who)


def _when_ready(process: subprocess.Popen[bytes], server: Postgres) -> str:
    """The URL of the server's own database, as soon as it answers."""
    give_up = time.monotonic() + STARTS_WITHIN_SECONDS
    who: dict[str, Any] = {"host": str(server.folder), "port": server.port or 5432, "user": "storeday"}
    port = f"&port={server.port}" if server.port else ""
    while time.monotonic() < give_up and process.poll() is None:
        try:
            psycopg.connect(**who, dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return f"postgresql+psycopg://storeday@/postgres?host={server.folder}" + port
    raise RuntimeError(f"PostgreSQL did not start:\n{server.log.read_text()[-2000:]}")
