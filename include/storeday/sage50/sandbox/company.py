"""A sandbox company: one SQLite file, or nothing but memory."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import NullPool, StaticPool

from storeday.config.settings import CompanySettings
from storeday.model.errors import SettingsError
from storeday.model.storage import is_local
from storeday.sage50.sandbox.file_text import Refusal
from storeday.sage50.sandbox.masters import CompanyMasters, masters_from, write_masters
from storeday.sage50.sandbox.tables import METADATA


@dataclass(frozen=True)
class Imported:
    """What an import came to."""

    taken: int  # rows
    refused: tuple[Refusal, ...]  # in the order of the lines
    kept_out: int = 0  # good rows that a bad one kept out
    headers: int = 0  # that the rows of an audit trail went under


class Sandbox:
    """A company that takes imports. Each ``writing()`` is one transaction: a killed import leaves nothing behind."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @staticmethod
    def at(path: Path) -> Sandbox:
        """The company of that file, made empty where it isn't there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        url = URL.create("sqlite", database=str(path))
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": 60})
        METADATA.create_all(engine)
        return Sandbox(engine)

    @staticmethod
    def in_memory(masters: CompanyMasters) -> Sandbox:
        """A company of its own that is gone when nobody holds it."""
        engine = create_engine("sqlite://", poolclass=StaticPool)
        METADATA.create_all(engine)
        sandbox = Sandbox(engine)
        sandbox.add_masters(masters)
        return sandbox

    def copy(self) -> Sandbox:
        """The same company in memory, to try something on."""
        twin = create_engine("sqlite://", poolclass=StaticPool)
        with self._engine.connect() as ours, twin.connect() as theirs:
            ours.connection.driver_connection.backup(theirs.connection.driver_connection)  # type: ignore[union-attr]
        return Sandbox(twin)

    def add_masters(self, masters: CompanyMasters) -> None:
        """Add what is not there yet (masters.write_masters)."""
        with self.writing() as connection:
            write_masters(connection, masters)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to look with."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction; nothing of it stays where it fails."""
        with self._engine.begin() as connection:
            yield connection


def sandbox_there(place: str) -> Sandbox | None:
    """The sandbox of that file (config/places.py); None where nobody made one."""
    return Sandbox.at(_path(place)) if is_local(place) and _path(place).exists() else None


def sandbox_of(settings: CompanySettings, place: str) -> Sandbox:
    """The sandbox of a company, made with what its settings name where it isn't there.

    Raises: SettingsError where the place is on no disk of this machine.
    """
    if not is_local(place):
        raise SettingsError([f"{place}: a sandbox is a SQLite file; set STOREDAY_HOME to a folder of this machine"])
    path = _path(place)
    if not path.exists():
        aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        Sandbox.at(aside).add_masters(masters_from(settings))
        aside.replace(path)
    return Sandbox.at(path)


def remove_sandbox(place: str) -> None:
    """Throw a sandbox away; nothing happens where there is none."""
    if is_local(place):
        _path(place).unlink(missing_ok=True)


def _path(place: str) -> Path:
    return Path(place.removeprefix("file://"))
