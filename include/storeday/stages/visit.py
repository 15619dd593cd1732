"""One look at a store's source: which files are complete and new, fetched one by one."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from storeday.config.settings import Store
from storeday.feeds.base import companions_of
from storeday.model.content import Content
from storeday.sources.base import OpenSource, RemoteFile
from storeday.stages.workplace import Workplace, feed_and_rules, rules_digest


@dataclass(frozen=True)
class Fetched:
    """A complete file with its marker and the other files of its slice, as the source gave them."""

    name: str
    parts: dict[str, Content]  # by name, the file itself first
    sha256: str  # of the file's bytes; of a slice of several files that of its landed list
    marker_name: str | None
    marker: bytes | None
    stamp: str

    @property
    def size(self) -> int:
        """Bytes of the file, with those of its slice."""
        return sum(content.size for content in self.parts.values())

    def close(self) -> None:
        """Let the bytes go."""
        for content in self.parts.values():
            content.close()


@dataclass(frozen=True)
class _Wanted:
    """A complete file that is to be fetched, as it is listed."""

    name: str
    marker_name: str | None
    files: list[RemoteFile]  # itself, then its marker, then the other files of its slice
    stamp: str


class Visit:
    """One look at a store's source: which files are complete and new, and what is to be said of the others."""

    def __init__(self, work: Workplace, store: Store) -> None:
        self.work, self.store = work, store
        self.feed, _ = feed_and_rules(store)
        self.seen_before, self.uploading = 0, 0
        self.waiting: list[str] = []

    def new_files(self, source: OpenSource) -> Iterator[Fetched]:
        """The complete files that are not known as they are now, in order of name, the next ones on their way."""
        wanted = list(self._wanted(source))
        with closing(source.fetched(file for each in wanted for file in each.files)) as contents:
            for each in wanted:
                if fetched := self._whole(each, [next(contents) for _ in each.files]):
                    yield fetched

    def _wanted(self, source: OpenSource) -> Iterator[_Wanted]:
        listing = {file.name: file for file in source.listing() if file.has_safe_name}
        names = sorted(name for name in listing if self.feed.is_mine(name))
        known, reading = self.work.ledger.stamps(self.store.code, names), rules_digest(self.store)
        for name in names:
            marker_name, companions = self.feed.marker_of(name), companions_of(self.feed, name)
            beside = [*([marker_name] if marker_name else []), *companions]
            if any(other not in listing for other in beside):
                self._alone(listing[name])
                continue
            stamp = _stamp(listing[name], [listing[other] for other in beside], reading)
            if known.get(name) == stamp:
                self.seen_before += 1
                continue
            yield _Wanted(name, marker_name, [listing[each] for each in (name, *beside)], stamp)

    def _whole(self, wanted: _Wanted, contents: list[Content | None]) -> Fetched | None:
        """A slice as it was fetched; None where a file of it is gone or has another size since it was listed.

        It is still being written then, and the next visit will tell.
        """
        got = {file.name: content for file, content in zip(wanted.files, contents, strict=True) if content}
        if len(got) < len(wanted.files) or any(_differs(file, got[file.name]) for file in wanted.files):
            for content in got.values():
                content.close()
            self.uploading += 1
            return None
        marker = None
        if wanted.marker_name:
            with got.pop(wanted.marker_name) as said:
                marker = said.whole()
        return Fetched(wanted.name, got, _digest(got), wanted.marker_name, marker, wanted.stamp)

    def _alone(self, file: RemoteFile) -> None:
        if time.time() - file.modified > self.store.upload_grace_minutes * 60:
            self.waiting.append(file.name)
        else:
            self.uploading += 1


def list_of(parts: dict[str, Content]) -> bytes:
    """The files of a slice by name and digest, as they are landed: what the slice is known by."""
    said = [{"name": name, "sha256": content.sha256} for name, content in parts.items()]
    return json.dumps({"files": said}, indent=1).encode()


def _digest(parts: dict[str, Content]) -> str:
    return hashlib.sha256(list_of(parts)).hexdigest() if len(parts) > 1 else next(iter(parts.values())).sha256


def _differs(listed: RemoteFile, content: Content) -> bool:
    """Whether a file has another size than it was listed with; not every server lists one, and then it says 0."""
    return listed.size not in (0, content.size)


def _stamp(file: RemoteFile, beside: list[RemoteFile], reading: str) -> str:
    """What a file looked like when it was taken in: it is fetched again only when that changes."""
    others = "+".join(f"{other.size}:{other.modified}" for other in beside) or "-"
    return f"{file.size}:{file.modified}/{others}/{reading}"
