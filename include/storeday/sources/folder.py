"""Files from a folder of this machine or a share mounted on it."""

from __future__ import annotations

from collections.abc import Iterator
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

    def copy(self, name: str, into: Content) -> None:
        """A file's bytes."""
        folder, _, plain = name.rpartition("/")
        if folder and not (self.dated_folders and is_dated(folder)):
            raise FileNotFoundError(name)
        inside = self.path / folder if folder else self.path
        listed = next((entry for entry in inside.iterdir() if entry.name == plain), None)
        if listed is None or not listed.is_file() or listed.is_symlink() or inside.is_symlink():
            raise FileNotFoundError(name)
        with listed.open("rb") as file:
            while chunk := file.read(CHUNK):
                into.write(chunk)

    def _entries(self) -> Iterator[tuple[str, Path]]:
        for entry in self.path.iterdir():
            if entry.is_symlink():
                continue
            if entry.is_file():
                yield entry.name, entry
            elif self.dated_folders and entry.is_dir() and is_dated(entry.name):
                inside = (file for file in entry.iterdir() if file.is_file() and not file.is_symlink())
                yield from ((f"{entry.name}/{file.name}", file) for file in inside)
