"""Files from a folder of this machine or a share mounted on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storeday.model.content import Content
from storeday.sources.base import CHUNK, RemoteFile, SourceUnreachable


class Folder:
    """One store's folder."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    @contextmanager
    def open(self) -> Iterator[Folder]:
        """The folder itself. Raises: SourceUnreachable where it isn't there."""
        if not self.path.is_dir():
            raise SourceUnreachable(f"the folder {self.path} is not there; is the share mounted?")
        yield self

    def listing(self) -> Iterator[RemoteFile]:
        """The plain files in it; links are left out, since they may lead anywhere."""
        for entry in self.path.iterdir():
            if entry.is_file() and not entry.is_symlink():
                facts = entry.stat()
                yield RemoteFile(entry.name, facts.st_size, int(facts.st_mtime))

    def copy(self, name: str, into: Content) -> None:
        """A file's bytes."""
        listed = next((entry for entry in self.path.iterdir() if entry.name == name), None)
        if listed is None or not listed.is_file() or listed.is_symlink():
            raise FileNotFoundError(name)
        with listed.open("rb") as file:
            while chunk := file.read(CHUNK):
                into.write(chunk)
