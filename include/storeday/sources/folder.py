"""Files from a folder of this machine or a share mounted on it."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storeday.model.content import Content
from storeday.sources.base import CHUNK, RemoteFile, SourceUnreachable, is_dated


class Folder:
    """One store's folder."""

    def __init__(self, path: str, *, dated_folders: bool = False) -> None:
        self.path = Path(path)
        self.dated_folders = dated_folders

    @contextmanager
    def open(self) -> Iterator[Folder]:
        """The folder itself. Raises: SourceUnreachable where it isn't there."""
        if not self.path.is_dir():
            raise SourceUnreachable(f"the folder {self.path} is not there; is the share mounted?")
        yield self

    def listing(self) -> Iterator[RemoteFile]:
        """The plain files in it; links are left out, since they may lead anywhere."""
        for name, entry in self._entries():
            facts = entry.stat()
            yield RemoteFile(name, facts.st_size, int(facts.st_mtime))

    def fetched(self, files: Iterable[RemoteFile]) -> Generator[Content | None]:
        """The bytes of each file, one after the other."""
        for file in files:
            yield self._read(file)

    def _read(self, file: RemoteFile) -> Content | None:
        folder, _, plain = file.name.rpartition("/")
        inside = self.path / folder if folder else self.path
        if not file.has_safe_name or (folder and not self.dated_folders) or inside.is_symlink():
            return None
        try:
            if not stat.S_ISREG((inside / plain).lstat().st_mode):
                return None
            opened = os.open(inside / plain, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        content = Content()
        try:
            with os.fdopen(opened, "rb", buffering=0) as stream:
                while chunk := stream.read(CHUNK):
                    content.write(chunk)
        except BaseException:
            content.close()
            raise
        return content

    def _entries(self) -> Iterator[tuple[str, Path]]:
        for entry in self.path.iterdir():
            if entry.is_symlink():
                continue
            if entry.is_file():
                yield entry.name, entry
            elif self.dated_folders and entry.is_dir() and is_dated(entry.name):
                inside = (file for file in entry.iterdir() if file.is_file() and not file.is_symlink())
                yield from ((f"{entry.name}/{file.name}", file) for file in inside)
