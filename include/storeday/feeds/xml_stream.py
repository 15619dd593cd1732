"""XML of a till, element by element: strict, safe, and no more in memory than one of them.

Only UTF-8 is read, and a file with a DOCTYPE is refused before it reaches the parser: with neither
another encoding to hide one in nor a place to declare one, there is no entity to expand or to fetch.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, cast

from lxml import etree

from storeday.feeds.columns import AMOUNT, QUANTITY

Element = etree._Element

TRUE: Final = ("true", "1")
"""How XML Schema writes yes."""

_BLANK: Final = " \t\r\n"
_ENCODING: Final = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)""")
_SAFE: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "encoding": "utf-8",
}


class NotRead(Exception):
    """Why a file can't be read and on which line; the feed that reads it knows the file and the receipt."""

    def __init__(self, why: str, line: int | None = None) -> None:
        self.why, self.line = why, line
        super().__init__(why)


def elements(content: bytes, *, root: str, tag: str) -> Iterator[Element]:
    """The children of the root one by one; each is let go once the next is asked for.

    ``root`` and ``tag`` are names with their namespace, ``{http://...}POSLog``.
    Raises: NotRead for what is not UTF-8 XML of that root, for a DOCTYPE, and where the XML breaks off.
    """
    _refuse_early(content)
    after = ""
    parsed = _parsed(content, events=("start",))
    try:
        _, top = next(parsed)
        if top.tag != root:
            raise NotRead(f"the XML's root is {_shown(top.tag)}, not {_shown(root)}.", line_of(top))
        parsed = _parsed(content, events=("end",), tag=tag)
        for _, element in parsed:
            parent = element.getparent()
            if parent is None or parent.tag != root:
                raise NotRead(f"a {_local(tag)} stands where none belongs.", line_of(element))
            yield element
            after = " after this receipt"
            while element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        line, said = next(((fault.line, fault.message) for fault in parsed.error_log), (None, error.msg))
        raise NotRead(f"the XML is cut off or broken{after}: {said}.", line) from None


class Fields:
    """The children of one element, asked for by name; what is missing, doubled or malformed raises NotRead."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self._children: dict[str, Element] = {child.tag: child for child in element}
        self._has_doubles = len(self._children) != len(element)

    def child(self, tag: str) -> Element | None:
        """The one child of this name; None where there is none."""
        if self._has_doubles and len(self.element.findall(tag)) > 1:
            raise self.wrong(f"{_local(tag)} stands more than once in one {_local(self.element.tag)}.")
        return self._children.get(tag)

    def text(self, tag: str) -> str:
        """What the child says, without blanks around it; empty where it isn't there or says nothing."""
        child = self.child(tag)
        return "" if child is None else text_of(child)

    def formed(self, tag: str, pattern: str, what: str) -> str:
        """The text of the child, which must match ``pattern``; ``what`` are the words for that."""
        return formed(self._needed(tag), pattern, what)

    def minor(self, tag: str) -> int:
        """The child's amount of money in minor units."""
        return minor_in(self._needed(tag))

    def milli(self, tag: str) -> int:
        """The child's quantity in thousandths."""
        return _number_in(self._needed(tag), QUANTITY, 3, "a quantity with up to 3 decimals")

    def attribute(self, name: str) -> str:
        """An attribute of the element itself, which must be there."""
        said = self.element.get(name)
        if not said:
            raise self.wrong(f"a {_local(self.element.tag)} does not say its {_local(name)}.")
        return str(said)

    def wrong(self, why: str) -> NotRead:
        """The refusal of the file for what stands in this element."""
        return NotRead(why, line_of(self.element))

    def _needed(self, tag: str) -> Element:
        child = self.child(tag)
        if child is None:
            raise self.wrong(f"a {_local(self.element.tag)} has no {_local(tag)}.")
        return child


def text_of(element: Element) -> str:
    """What an element says, without blanks around it. Raises: NotRead where it holds elements instead."""
    if len(element):
        raise NotRead(f"{_local(element.tag)} holds elements where a text is wanted.", line_of(element))
    return (element.text or "").strip(_BLANK)


def formed(element: Element, pattern: str, what: str) -> str:
    """The text of an element, which must match ``pattern``; ``what`` are the words for that."""
    text = text_of(element)
    if not _matches(pattern, text):
        raise _malformed(element, text, what)
    return text


def minor_in(element: Element) -> int:
    """The amount of money that an element says, in minor units."""
    return _number_in(element, AMOUNT, 2, "an amount with up to 8 digits and 2 decimals")


def is_flagged(element: Element, name: str) -> bool:
    """Whether an attribute says that it is so."""
    return element.get(name) in TRUE


def line_of(element: Element) -> int:
    """The line of the file on which an element starts; beyond 65,535 libxml2 tells that of its first text."""
    return cast(int, element.sourceline)  # the stubs don't say what it is


def _refuse_early(content: bytes) -> None:
    if not content.strip():
        raise NotRead("the file is empty.")
    if (at := content.find(b"\0")) >= 0:
        raise NotRead("there is a NUL byte in the file.", _line_at(content, at))
    encoding = _ENCODING.match(content[:1000])
    if encoding and encoding[1].upper() not in (b"UTF-8", b"UTF8", b"US-ASCII", b"ASCII"):
        raise NotRead(f"the file says it is {encoding[1].decode('ascii', 'replace')[:40]}, not UTF-8.", 1)
    for declaration in (b"<!DOCTYPE", b"<!ENTITY"):
        if (at := content.find(declaration)) >= 0:
            why = f"the file holds a {declaration[2:].decode()} declaration, which no till has reason to send."
            raise NotRead(why, _line_at(content, at))


def _parsed(content: bytes, **options: Any) -> Any:
    return etree.iterparse(io.BytesIO(content), **options, **_SAFE)


def _number_in(element: Element, pattern: str, places: int, what: str) -> int:
    text = text_of(element)
    number = _scaled(text, pattern, places)
    if number is None:
        raise _malformed(element, text, what)
    return number


@lru_cache(maxsize=1 << 14)  # a till says the same few texts all day
def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


@lru_cache(maxsize=1 << 14)
def _scaled(text: str, pattern: str, places: int) -> int | None:
    if re.fullmatch(pattern, text) is None:
        return None
    whole, _, fraction = text.partition(".")
    return int(whole + fraction.ljust(places, "0"))


def _malformed(element: Element, text: str, what: str) -> NotRead:
    said = repr(text[:60]) if text else "is empty and"
    return NotRead(f"{_local(element.tag)} {said} is not {what}.", line_of(element))


def _line_at(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _shown(tag: str) -> str:
    return tag[1:].replace("}", " ") if tag.startswith("{") else f"{tag} without a namespace"
