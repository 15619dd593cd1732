"""The bytes of an import file as lines of fields, and what is wrong with them before any field is looked at.

Sources: sage50-uk reference, 1.2 (quotes, spaces, one record a line), 1.10 (encoding, line ends, headings, rows).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Final, NamedTuple

from storeday.config.sage_facts import SageFacts

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Refusal(NamedTuple):
    """A row that Sage would not take, and why in words. ``line`` counts from 1, headings included."""

    line: int
    reference: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True)
class FileText:
    """The rows of a file as text; ``rows`` leave the headings and the refused lines out."""

    rows: list[tuple[int, list[str]]]
    refused: list[Refusal]


class FieldRefused(ValueError):
    """What is wrong with a field or a line, in words."""


@dataclass(frozen=True)
class Layout:
    """The columns of a kind of file."""

    columns: list[str]
    least: int  # how many of them a row must have, from the left
    first_headings: frozenset[str]  # what the first field says where the first row is headings
    has_known_headings: bool  # whether the template's words are known, so that others are refused


def read_text(content: bytes, layout: Layout, facts: SageFacts) -> FileText:
    """A file's rows, each as long as the layout.

    A first row that begins like headings is taken for them, as with "First row contains headings" ticked.
    """
    if content.startswith(BYTE_ORDER_MARK):
        if facts.byte_order_mark == "refuse":
            return _none_of("the file begins with a byte order mark")
        content = content.removeprefix(BYTE_ORDER_MARK)
    lines = content.decode("utf-8", "replace").split("\n")
    refused: list[Refusal] = []
    if last := lines.pop():
        if facts.last_line_without_end == "refuse":
            refused.append(Refusal(len(lines) + 1, "", "the last line has no end and would be dropped"))
        else:
            lines.append(last)
    lines = [line.removesuffix("\r") for line in lines]
    order, first = list(range(len(layout.columns))), 0
    if lines and lines[0].split(",")[0].strip('" ') in layout.first_headings:
        first = 1
        try:
            if layout.has_known_headings:
                order = _order(next(csv.reader([lines[0]])), layout.columns, facts)
        except FieldRefused as error:
            return _none_of(str(error))
    if facts.row_limit is not None and len(lines) - first > facts.row_limit:
        return _none_of(f"{len(lines) - first:,} rows; one import takes {facts.row_limit:,}")
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines[first:], start=first + 1):
        try:
            rows.append((number, _placed(_fields(line, facts), order, layout, facts)))
        except FieldRefused as error:
            refused.append(Refusal(number, "", str(error)))
    return FileText(rows, refused)


def _none_of(reason: str) -> FileText:
    """What is wrong with the file as a whole keeps all of it out."""
    return FileText([], [Refusal(1, "", reason)])


def _order(found: list[str], headings: list[str], facts: SageFacts) -> list[int]:
    """Where each of the file's columns belongs, by its heading."""
    known = found[: len(headings)] if facts.more_columns == "ignore" else found
    if known == headings[: len(known)]:
        return list(range(len(headings)))
    if facts.column_order == "template":
        wrong = next((n for n, name in enumerate(known) if n >= len(headings) or name != headings[n]), 0)
        raise FieldRefused(f"heading {wrong + 1} is {known[wrong]!r}: not the template's columns in their order")
    unknown = [name for name in found if name not in headings]
    if (unknown and facts.more_columns == "refuse") or len(set(found)) < len(found):
        raise FieldRefused(f"headings {', '.join(unknown or found)}: not the template's, each once")
    return [headings.index(name) if name in headings else -1 for name in found]


def _fields(line: str, facts: SageFacts) -> list[str]:
    if not line.isascii() and (facts.utf8 == "refuse" or "\ufffd" in line):
        raise FieldRefused(f"{next(c for c in line if not c.isascii())!r} is not ASCII and may be garbled")
    if '"' in line:
        try:
            fields = next(csv.reader([line], strict=True))
        except csv.Error as error:
            raise FieldRefused(f"a quote is out of place ({error}); one record is one line") from None
        if facts.doubled_quotes == "refuse" and any('"' in field for field in fields):
            raise FieldRefused("a double quote inside a field: how it is read is not documented")
    else:
        fields = line.split(",")
    if any(field != field.strip() for field in fields):
        if facts.spaces_round_fields == "refuse":
            raise FieldRefused("a space before or after a field")
        return [field.strip() for field in fields]
    return fields


def _placed(fields: list[str], order: list[int], layout: Layout, facts: SageFacts) -> list[str]:
    """The fields in the template's order, the columns that the file leaves out empty."""
    if len(fields) < min(layout.least, len(order)) or (len(fields) > len(order) and facts.more_columns == "refuse"):
        raise FieldRefused(f"{len(fields)} field{'s' if len(fields) > 1 else ''}; the layout has {len(order)}")
    placed = [""] * len(layout.columns)
    for place, value in zip(order, fields, strict=False):
        if place >= 0:
            placed[place] = value
    return placed
