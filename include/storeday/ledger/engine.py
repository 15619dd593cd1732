"""Opening the ledger's database: SQLite by default, PostgreSQL by URL, always at the newest migration."""

from __future__ import annotations

import fcntl
import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, ExceptionContext, create_engine, event, inspect, make_url, text

from storeday.model.errors import LedgerUnreachable

HEAD: Final = "0013"
"""The newest migration; a test holds it to migrations/versions."""

_MIGRATION_LOCK: Final = 0x5709EDA1

_PATIENCE: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
"""How long a PostgreSQL that went without a word is waited for, by libpq's names; the URL may say otherwise."""

_ASKED_AFTER: Final = (
    "SELECT set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false), "
    "set_config('tcp_keepalives_count', '3', false)"
)
"""Has PostgreSQL find out within a minute that our machine vanished, and let go of its locks: else it takes hours."""

_LOOKS_AGAIN: Final = 600
_LOOK_AGAIN_SECONDS: Final = 0.05

WRITES: Final = {"storeday_writes": True}
"""Execution options of transactions that will write."""


def open_engine(url: str) -> Engine:
    """An engine on a ledger whose tables are there and current; they are made or migrated where they aren't."""
    engine = _engine(url)
    if _revision(engine) != HEAD:
        migrate(engine)
    return engine


def is_current(url: str) -> bool:
    """Whether a ledger that is there has the newest migration; it is only looked at."""
    engine = _engine(url)
    try:
        return _revision(engine) == HEAD
    finally:
        engine.dispose()


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest migration. Several processes may do so at once: one does, others wait."""
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.execution_options(**WRITES).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        asked = {name: said for name, said in _PATIENCE.items() if name not in parsed.query}
        engine = create_engine(parsed, pool_pre_ping=True, connect_args=asked)
        event.listen(engine, "handle_error", _in_a_sentence)
        event.listen(engine, "connect", _be_asked_after)
        return engine
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        # Who will write takes the write lock from the start: two workers wait for each other instead of failing
        # at the first write. Who only reads never waits.
        writes = connection.get_execution_options().get("storeday_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _be_asked_after(connection: Any, _record: Any) -> None:
    connection.execute(_ASKED_AFTER)
    connection.commit()


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have a new SQLite file keep a write-ahead log. Of several that open it first all but one are told that it is
    locked, at once and whatever the timeout: they look again.
    """
    for _ in range(_LOOKS_AGAIN):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def _in_a_sentence(error: ExceptionContext) -> None:
    """Raises: LedgerUnreachable in place of the driver's error, where the database is away or went away."""
    if error.is_pre_ping or not (error.is_disconnect or error.connection is None):
        return
    where = error.engine.url.render_as_string(hide_password=True) if error.engine else "the ledger"
    why = str(error.original_exception).strip().partition("\n")[0]
    raise LedgerUnreachable(
        f"the ledger {where} does not answer ({why}); run again once it is back: nothing is lost and nothing done twice"
    ) from error.original_exception


@contextmanager
def exclusive_lock(engine: Engine, *what: str) -> Iterator[None]:
    """Hold the locks of these names: advisory locks on PostgreSQL, locked files beside a SQLite ledger.

    Everybody takes several in one order, so that no two wait for each other; one connection holds them all.
    """
    digests = sorted({hashlib.sha256(name.encode()).digest() for name in what})
    if engine.dialect.name == "postgresql":
        keys = [{"key": int.from_bytes(digest[:8], "big", signed=True)} for digest in digests]
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection, ExitStack() as held:
            for key in keys:
                connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
                held.callback(connection.execute, text("SELECT pg_advisory_unlock(:key)"), key)
            yield
        return
    if not engine.url.database or engine.url.database == ":memory:":
        yield  # nobody else can open it
        return
    folder = Path(engine.url.database).parent / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_files:
        for digest in digests:
            fcntl.flock(open_files.enter_context((folder / digest.hex()[:16]).open("a")), fcntl.LOCK_EX)
        yield


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
