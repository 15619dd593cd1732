"""Opening the ledger's database: SQLite by default, PostgreSQL by URL, always at the newest migration."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event, inspect, make_url, text

HEAD: Final = "0001"
"""The newest migration; a test holds it to migrations/versions."""

_MIGRATION_LOCK: Final = 0x5709EDA1


def open_engine(url: str) -> Engine:
    """An engine on a ledger whose tables are there and current; they are made or migrated where they aren't."""
    engine = _engine(url)
    if _revision(engine) != HEAD:
        migrate(engine)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest migration. Several processes may do so at once: one does, others wait."""
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        # A write lock from the start: two workers wait for each other instead of failing at the first write.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
