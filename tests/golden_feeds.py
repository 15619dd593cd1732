"""The golden files of feeds, for tests that change something in them: how they are read is the store's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from storeday.feeds.base import ReadFile
from storeday.model.errors import FileRejected
from storeday.stages.feed_files import store_from
from storeday.stages.workplace import feed_and_rules

GOLDEN = Path(__file__).parent / "golden" / "feeds"


@dataclass(frozen=True)
class Case:
    """A golden file of a feed, and the store whose it is."""

    feed: str
    path: Path

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return self.path.read_bytes()

    def read(self, content: bytes | None = None, **rules: Any) -> ReadFile:
        """What the feed reads, of the file or of another content, with other rules."""
        feed, own = feed_and_rules(store_from(self.path.with_name("store.yaml")))
        return feed.read(self.path.name, self.content if content is None else content, replace(own, **rules))

    def changed(self, old: str, new: str) -> bytes:
        """The file with one text in place of another, once."""
        assert old.encode() in self.content, f"{old!r} is not in the file to change"
        return self.content.replace(old.encode(), new.encode(), 1)

    def rejected(self, old: str, new: str, **rules: Any) -> FileRejected:
        """Why the file is rejected with one text in place of another."""
        with pytest.raises(FileRejected) as caught:
            self.read(self.changed(old, new), **rules)
        return caught.value


def golden(feed: str, file: str) -> Case:
    """The golden file of a feed at a path below its folder."""
    return Case(feed, GOLDEN / feed / file)
