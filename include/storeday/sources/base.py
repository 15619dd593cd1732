"""Where files come from: one interface over SFTP, a folder and whatever comes later.

A source lists what is there and reads what is asked for. Names are remote text: they are compared and
shown, and never become a path on this side.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from storeday.model.content import Content
from storeday.model.errors import StoredayError

CHUNK: Final = 1 << 20
"""How many bytes are asked for at once."""

_FOLDER: Final = r"20[0-9]{2}[01][0-9][0-3][0-9]"
_NAME: Final = re.compile(rf"(?:{_FOLDER}/)?[A-Za-z0-9][A-Za-z0-9_.\-]{{0,199}}")


@dataclass(frozen=True)
class RemoteFile:
    """One entry of a listing."""

    name: str  # with the folder before it where files lie in folders named by their day: 20261122/sales.csv
    size: int
    modified: int  # seconds since 1970, by the server's clock: compared with itself only

    @property
    def has_safe_name(self) -> bool:
        """Whether the name is plain: no folder but one named by a day, no control characters, nothing hidden."""
        return _NAME.fullmatch(self.name) is not None


def is_dated(folder: str) -> bool:
    """Whether a folder is named by a day, as 20261122."""
    return re.fullmatch(_FOLDER, folder) is not None


class SourceUnreachable(StoredayError):
    """The source can't be reached or broke off. Trying again may help."""


class SourceRefused(StoredayError):
    """The source is not the one we know, or does not let us in. Trying again changes nothing."""


class OpenSource(Protocol):
    """A source while it is open."""

    def listing(self) -> Iterator[RemoteFile]:
        """The files there now, folders left out, in no order."""
        ...

    def fetched(self, files: Iterable[RemoteFile]) -> Generator[Content | None]:
        """The bytes of each of these files, in their order; None for one that is not there.

        Whoever takes a content closes it. Several may be on their way at once.
        Raises: SourceUnreachable where it breaks off.
        """
        ...


def fetch(source: OpenSource, file: RemoteFile) -> Content:
    """One file of a source. Raises: FileNotFoundError; SourceUnreachable."""
    (content,) = source.fetched([file])
    if content is None:
        raise FileNotFoundError(file.name)
    return content


class Source(Protocol):
    """How one store's files are reached."""

    def open(self) -> AbstractContextManager[OpenSource]:
        """Connect. Raises: SourceUnreachable, SourceRefused."""
        ...
