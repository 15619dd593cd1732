"""One installation, open as long as the web server runs: settings read anew when they change, one ledger engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from storeday.config.environment import Environment
from storeday.config.places import Places
from storeday.config.settings import Settings
from storeday.ledger.ledger import Ledger

if TYPE_CHECKING:
    from storeday.stages.workplace import Workplace

Stamp = tuple[tuple[str, int, int], ...]


class Installation:
    """What pages read from. Reading a thousand stores' settings takes seconds: that is done once a change."""

    def __init__(self, where: Environment) -> None:
        self._where = where
        self._lock = Lock()
        self._read: tuple[Stamp, Settings] | None = None

    @property
    def settings(self) -> Settings:
        """The settings as the files say now. Raises: SettingsError listing all that is wrong."""
        with self._lock:
            stamp = _stamp(self._where.config)
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, self._where.settings())
            return self._read[1]

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, its tables at the newest migration."""
        with self._lock:
            return Ledger(self._where.ledger_url)

    @property
    def places(self) -> Places:
        """Where files lie."""
        return Places(self._where.home)

    def work(self, by: str) -> Workplace:
        """The same installation as stages want it, under a person's name."""
        from storeday.stages.workplace import Workplace  # pandas and all: only once somebody decides

        return Workplace(self.settings, self.ledger, self.places, self._where.expectations, by)


def _stamp(folder: Path) -> Stamp:
    """Name, time and size of every file below a folder: different as soon as one of them is written."""
    return tuple(sorted(_files(str(folder))))


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            else:
                said = entry.stat()
                yield entry.path, said.st_mtime_ns, said.st_size
