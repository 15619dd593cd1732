"""XML of a till, batch by batch: strict, safe, and no more of it in memory than one batch.

Only UTF-8 is read, and a file with a DOCTYPE is refused before it reaches the parser: with neither
another encoding to hide one in nor a place to declare one, there is no entity to expand or to fetch. A
DOCTYPE can stand before the root only, so the root must begin within the first 64 KB.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import numpy as np
from lxml import etree

Element = etree._Element

_BATCH: Final = 1 << 18
"""How much of the file is read before what was parsed of it is handed on and let go."""

_HEAD: Final = 1 << 16
_LINE_FEED: Final = 10
_ENCODING: Final = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)""")
_SAFE: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class Readable(Protocol):
    """Bytes that can be read one after the other."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, none at the end."""
        ...


class NotRead(Exception):
    """Why a file can't be read and on which line; the feed that reads it knows the file and the last receipt."""

    def __init__(self, why: str, line: int | None = None) -> None:
        self.why, self.line = why, line
        super().__init__(why)


@dataclass(frozen=True)
class Batch:
    """Some elements of one kind, next to each other and whole, in a document that is still being read."""

    root: Element
    count: int  # the first so many children of the root are of this batch


def batches(stream: Readable, *, root: str, tag: str) -> Iterator[Batch]:
    """The children of the root, a quarter of a megabyte or so at a time; a batch is let go once the next is asked for.

    ``root`` and ``tag`` are names with their namespace, ``{http://...}POSLog``.
    Raises: NotRead for what is not UTF-8 XML of that root, for a DOCTYPE, and where the XML breaks off.
    """
    guarded = _Guarded(stream)
    top = guarded.root_tag()
    if top is not None and top.tag != root:
        raise NotRead(f"the XML's root is {_shown(top.tag)}, not {_shown(root)}.", line_of(top))
    parsed: Any = etree.iterparse(cast(Any, guarded), events=("end",), tag=tag, encoding="utf-8", **_SAFE)
    whole: list[Element] = []
    handed_on = 0
    try:
        for _, element in parsed:
            parent = element.getparent()
            if parent is None or parent.tag != root:
                raise NotRead(f"a {local(tag)} stands where none belongs.", line_of(element))
            whole.append(element)
            if guarded.consumed - handed_on >= _BATCH:
                yield Batch(parent, len(whole))
                handed_on = guarded.consumed
                _let_go(parent, whole)
    except etree.XMLSyntaxError as error:
        yield from _last(whole)
        line, said = next(((fault.line, fault.message) for fault in parsed.error_log), (None, error.msg))
        after = " after this receipt" if whole or handed_on else ""
        raise NotRead(f"the XML is cut off or broken{after}: {said}.", line) from None
    yield from _last(whole)


def _last(whole: list[Element]) -> Iterator[Batch]:
    if whole:
        yield Batch(cast(Element, whole[0].getparent()), len(whole))


def root_of(content: bytes) -> Element | None:
    """The start of the root, where the first bytes of a file are those of XML that is read here; else None."""
    try:
        return _Guarded(io.BytesIO(content[:_HEAD])).root_tag()
    except NotRead:
        return None


def _let_go(parent: Element, whole: list[Element]) -> None:
    """Free what was parsed. Emptied first: to take a full element out of its document costs a walk through it."""
    for element in whole:
        element.clear()
    del parent[: len(whole)]
    whole.clear()


class _Guarded:
    """A stream that is looked through, a large block at a time, before the parser gets it in small ones."""

    def __init__(self, stream: Readable) -> None:
        self.consumed = 0
        self._stream, self._lines = stream, 0
        self._block, self._given = b"", 0
        while len(self._block) < _HEAD and (more := self._next(_BATCH)):
            self._block += more
        self._head = self._block[:_HEAD]
        self._refuse_early(self._head)

    def root_tag(self) -> Element | None:
        """The root's start; None where the XML breaks off before it, which the parser has better words for."""
        parser: Any = etree.XMLPullParser(events=("start",), encoding="utf-8", **_SAFE)
        try:
            parser.feed(self._head)
            found = next(parser.read_events(), None)
        except etree.XMLSyntaxError:
            found = next(parser.read_events(), None)
        if found is None and len(self._head) == _HEAD:
            raise NotRead("the file does not come to its root element within 64 KB.", 1)
        return None if found is None else cast(Element, found[1])

    def read(self, size: int) -> bytes:
        """What the parser asks for."""
        if self._given == len(self._block):
            self._block, self._given = self._next(_BATCH), 0
        given = self._block[self._given : self._given + size]
        self._given += len(given)
        self.consumed += len(given)
        return given

    def _next(self, size: int) -> bytes:
        content = self._stream.read(size)
        if (at := content.find(b"\0")) >= 0:
            raise NotRead("there is a NUL byte in the file.", self._lines + content.count(b"\n", 0, at) + 1)
        self._lines += int(np.count_nonzero(np.frombuffer(content, dtype=np.uint8) == _LINE_FEED))
        return content

    @staticmethod
    def _refuse_early(head: bytes) -> None:
        if not head.strip():
            raise NotRead("the file is empty.")
        encoding = _ENCODING.match(head[:1000])
        if encoding and encoding[1].upper() not in (b"UTF-8", b"UTF8", b"US-ASCII", b"ASCII"):
            raise NotRead(f"the file says it is {encoding[1].decode('ascii', 'replace')[:40]}, not UTF-8.", 1)
        for declaration in (b"<!DOCTYPE", b"<!ENTITY"):
            if (at := head.find(declaration)) >= 0:
                why = f"the file holds a {declaration[2:].decode()} declaration, which no till has reason to send."
                raise NotRead(why, head.count(b"\n", 0, at) + 1)


def line_of(element: Element) -> int:
    """The line of the file on which an element starts; beyond 65,535 libxml2 tells that of its first text."""
    return cast(int, element.sourceline)  # the stubs don't say what it is


def local(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]


def _shown(tag: str) -> str:
    return tag[1:].replace("}", " ") if tag.startswith("{") else f"{tag} without a namespace"
