"""Files over SFTP: one store's folder on a server, several files on their way at once."""

from __future__ import annotations

import stat
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Final

from storeday.model.content import Content
from storeday.sources.base import RemoteFile, is_dated
from storeday.sources.connections import Connections, OpenConnection, named_faults
from storeday.sources.sftp_reads import SftpReads

MUCH: Final = 32 << 20
"""From so many bytes on it is worth agreeing on a faster cipher first."""


class Sftp:
    """One store's folder on an SFTP server. Without ``connections`` each opening connects anew."""

    def __init__(
        self, connection: str, folder: str, *, dated_folders: bool = False, connections: Connections | None = None
    ) -> None:
        self.connection = connection
        self.folder = folder.rstrip("/") or "/"
        self.dated_folders = dated_folders
        self.connections = connections

    @contextmanager
    def open(self) -> Iterator[_OpenSftp]:
        """Connect, checking the host key, or take the connection that is open. Raises: as Connections.sftp."""
        with ExitStack() as stack:
            connections = self.connections or stack.enter_context(Connections())
            opened = stack.enter_context(connections.sftp(self.connection))
            yield _OpenSftp(self, opened, connections.downloads_at_once)


class _OpenSftp:
    """A connected folder."""

    def __init__(self, store: Sftp, opened: OpenConnection, at_once: int) -> None:
        self.folder = store.folder.rstrip("/")
        self.dated_folders = store.dated_folders
        self._opened, self._at_once = opened, at_once
        self._talking = partial(named_faults, store.connection)

    def listing(self) -> Iterator[RemoteFile]:
        """The plain files in the folder, and in those below it that are named by a day where files lie so."""
        below = []
        for entry in self._entries(self.folder or "/"):
            name, mode = str(entry.filename), entry.st_mode or 0
            if stat.S_ISREG(mode):
                yield _remote_file(name, entry)
            elif self.dated_folders and stat.S_ISDIR(mode) and is_dated(name):
                below.append(name)
        for folder in sorted(below):
            for entry in self._entries(f"{self.folder}/{folder}"):
                if stat.S_ISREG(entry.st_mode or 0):
                    yield _remote_file(f"{folder}/{entry.filename}", entry)

    def _entries(self, folder: str) -> list[Any]:
        with self._talking():
            return list(self._opened.sftp.listdir_attr(folder))

    def fetched(self, files: Iterable[RemoteFile]) -> Generator[Content | None]:
        """The bytes of each file, in their order. Meanwhile nothing else can be asked of the source."""
        asked = list(files)
        if sum(file.size for file in asked) >= MUCH:
            self._opened.hurry()
        reads = SftpReads(self._opened.channel, self._at_once, self._talking)
        contents = reads.files((self._path(file), file.size) for file in asked if file.has_safe_name)
        try:
            for file in asked:
                yield next(contents) if file.has_safe_name else None
        finally:
            contents.close()
            if not reads.is_idle:  # answers are on their way that nobody waits for
                self._opened.close()

    def _path(self, file: RemoteFile) -> bytes:
        return f"{self.folder}/{file.name}".encode()


def _remote_file(name: str, entry: Any) -> RemoteFile:
    return RemoteFile(name, int(entry.st_size or 0), int(entry.st_mtime or 0))
