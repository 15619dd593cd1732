"""Bytes on their way: the same whether they are few and in memory, or many and in a temporary file."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from storeday.model.content import IN_MEMORY, Content
from storeday.model.storage import names_in, write_from


def test_many_bytes_read_as_they_were_written() -> None:
    chunk = bytes(range(256)) * 4096  # 1 MB
    count = IN_MEMORY // len(chunk) + 2

    with Content() as content:
        for _ in range(count):
            content.write(chunk)

        assert content.size == count * len(chunk)
        assert content.sha256 == hashlib.sha256(chunk * count).hexdigest()
        assert content.head(300) == chunk[:300]
        assert content.whole() == chunk * count
        assert content.opened().read(3) == chunk[:3]  # from the first byte again


def test_a_file_is_written_from_a_stream(tmp_path: Path) -> None:
    write_from(f"{tmp_path}/landing/S01/abc", io.BytesIO(b"till"))

    assert (tmp_path / "landing" / "S01" / "abc").read_bytes() == b"till"


def test_a_stream_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    closed = io.BytesIO(b"till")
    closed.close()

    with pytest.raises(ValueError, match="closed file"):
        write_from(f"{tmp_path}/landing/abc", closed)

    assert names_in(f"{tmp_path}/landing") == []
    assert list((tmp_path / "landing").iterdir()) == []
