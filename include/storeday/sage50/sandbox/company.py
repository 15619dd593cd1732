"""A sandbox company: one SQLite file, or nothing but memory."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import NullPool, StaticPool

from storeday.config.settings import CompanySettings
from storeday.model.storage import is_local, read_there, remove_file, write_whole
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

    @staticmethod
    def holding(content: bytes) -> Sandbox:
        """The company of a file's content (``content()``), in memory."""
        engine = create_engine("sqlite://", poolclass=StaticPool)
        with engine.connect() as connection:
            _driver_of(connection).deserialize(content)
        METADATA.create_all(engine)
        return Sandbox(engine)

    def content(self) -> bytes:
        """The company as the content of a file."""
        with self._engine.connect() as connection:
            return bytes(_driver_of(connection).serialize())

    def copy(self) -> Sandbox:
        """The same company in memory, to try something on."""
        twin = create_engine("sqlite://", poolclass=StaticPool)
        with self._engine.connect() as ours, twin.connect() as theirs:
            _driver_of(ours).backup(_driver_of(theirs))
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
    """The sandbox of that file (config/places.py); None where nobody made one.

    Of one on an object store a copy in memory: to look at, and to try things on.
    """
    if not is_local(place):
        content = read_there([place]).get(place)
        return Sandbox.holding(content) if content else None
    return Sandbox.at(_path(place)) if _path(place).exists() else None


@contextmanager
def changing(settings: CompanySettings, place: str) -> Iterator[Sandbox]:
    """The sandbox of a company, to change it; one on an object store is brought here and put back in the end.

    Where that fails in between it stays as it was. Who changes one on an object store must be the only one who does.
    """
    if is_local(place):
        yield sandbox_of(settings, place)
        return
    there = sandbox_there(place)
    sandbox = there or Sandbox.in_memory(masters_from(settings))
    before = there.content() if there else b""
    yield sandbox
    if (after := sandbox.content()) != before:
        write_whole(place, after)


def sandbox_of(settings: CompanySettings, place: str) -> Sandbox:
    """The sandbox in a file of this machine, made with what the company's settings name where it isn't there."""
    path = _path(place)
    if not path.exists():
        aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        Sandbox.at(aside).add_masters(masters_from(settings))
        aside.replace(path)
    return Sandbox.at(path)


def remove_sandbox(place: str) -> None:
    """Throw a sandbox away; nothing happens where there is none."""
    remove_file(place)


def _driver_of(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def _path(place: str) -> Path:
    return Path(place.removeprefix("file://"))
