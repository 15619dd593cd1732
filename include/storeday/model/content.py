"""A file's bytes as they came: in memory while they are few, in a temporary file once they are many."""

from __future__ import annotations

import hashlib
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Final

IN_MEMORY: Final = 32 << 20
"""So many bytes of one file are kept in memory."""


class Content:
    """Bytes that are written once, from first to last, and read as often as one likes by one reader at a time."""

    def __init__(self, content: bytes = b"") -> None:
        self.size = 0
        self._digest = hashlib.sha256()
        self._kept = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115, it is closed with this object
        self.write(content)

    def write(self, chunk: bytes | memoryview) -> None:
        """Add bytes at the end. Raises: OSError where the disk is full."""
        self._kept.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)

    @property
    def sha256(self) -> str:
        """The digest of all of it."""
        return self._digest.hexdigest()

    def opened(self) -> IO[bytes]:
        """The bytes from the first one on."""
        self._kept.seek(0)
        return self._kept

    def head(self, size: int = 1 << 16) -> bytes:
        """The first bytes."""
        return self.opened().read(size)

    def whole(self) -> bytes:
        """All bytes, in memory."""
        return self.opened().read()

    def close(self) -> None:
        """Let the bytes go."""
        self._kept.close()

    def __enter__(self) -> Content:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
