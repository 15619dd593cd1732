"""What differs between two states of a company's mapping: which code, from which day on, and whether the past moves.

Blocks are laid over each other, so a code is a line of targets in time; two states differ where the lines do.
Source: docs/mappings.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pydantic import TypeAdapter

from storeday.config.mappings import MappingBlock, TaxClass

Blocks = tuple[MappingBlock, ...]
Line = list[tuple[date, str]]
"""What a code leads to, from which day on; oldest first."""

KINDS: Final = {
    "tax_classes": "tax class",
    "categories": "category",
    "movements": "movement",
    "skus": "SKU",
    "tenders": "tender",
    "customers": "customer",
}
"""The headings of a block, in its order, with the word for one of their codes."""

_BLOCKS: Final = TypeAdapter(Blocks)


@dataclass(frozen=True)
class CodeChange:
    """One code that leads elsewhere on the days from ``first`` to the one before ``until``."""

    heading: str
    code: str
    was: str  # empty: it led nowhere, and a line with it held its store-day
    now: str
    first: date
    until: date | None = None  # None: from then on

    @property
    def words(self) -> str:
        """As a bookkeeper says it.

        >>> CodeChange("categories", "GROCERY", "4000", "4010", date(2026, 12, 1)).words
        'category GROCERY: 4000 to 4010 from 1 Dec 2026'
        """
        way = f"{self.was} to {self.now}" if self.was and self.now else f"new, {self.now}"
        way = way if self.now else f"{self.was} to nothing"
        last = f" to {_words(self.until - timedelta(days=1))}" if self.until else ""
        return f"{KINDS[self.heading]} {self.code}: {way} from {_words(self.first)}{last}"

    def touches(self, first: date, last: date) -> bool:
        """Whether it holds on one of some trading days. A tax class counts by a receipt's own date, so it reaches
        into the night after the trading day before."""
        begins = self.first - timedelta(days=1) if self.heading == "tax_classes" else self.first
        return begins <= last and (self.until is None or first < self.until)

    def moves_rows_of(self, first: date, last: date) -> bool:
        """Whether rows of posted trading days may be others under it.

        A code that led nowhere is in no posted row: a line with it holds its store-day. Not so a SKU, whose lines
        went by their category.
        """
        return self.touches(first, last) and bool(self.was or self.heading == "skus")


def changes_between(before: Blocks, after: Blocks) -> list[CodeChange]:
    """Every code that leads elsewhere on some day, heading by heading, code by code, oldest first."""
    days = sorted({block.valid_from for block in (*before, *after)})
    return [
        change
        for heading in KINDS
        for code in sorted({code for block in (*before, *after) for code in getattr(block, heading)})
        for change in _changes(heading, code, _line(before, heading, code), _line(after, heading, code), days)
    ]


def canonical(blocks: Blocks) -> str:
    """The blocks as JSON, the same however the file writes them."""
    return json.dumps([_said(block) for block in blocks], sort_keys=True)


def blocks_of(text: str) -> Blocks:
    """The blocks that ``canonical`` wrote."""
    return _BLOCKS.validate_json(text)


def digest_of(blocks: Blocks) -> str:
    """SHA-256 of where the codes lead on which days; reasons, and lines that repeat what is in force, are no part."""
    lines = {
        f"{heading}.{code}": [(day.isoformat(), target) for day, target in _line(blocks, heading, code)]
        for heading in KINDS
        for code in {code for block in blocks for code in getattr(block, heading)}
    }
    return hashlib.sha256(json.dumps(lines, sort_keys=True).encode()).hexdigest()


def _changes(heading: str, code: str, before: Line, after: Line, days: list[date]) -> Iterator[CodeChange]:
    """The stretches of days on which two lines differ, each as long as both stay as they are."""
    open_since: CodeChange | None = None
    for day in days:
        was, now = _target(before, day), _target(after, day)
        if open_since and (open_since.was, open_since.now) == (was, now):
            continue
        if open_since:
            yield CodeChange(heading, code, open_since.was, open_since.now, open_since.first, day)
        open_since = CodeChange(heading, code, was, now, day) if was != now else None
    if open_since:
        yield open_since


def _line(blocks: Blocks, heading: str, code: str) -> Line:
    line: Line = []
    for block in blocks:
        target = getattr(block, heading).get(code)
        if target is not None and (not line or line[-1][1] != _text(target)):
            line.append((block.valid_from, _text(target)))
    return line


def _target(line: Line, day: date) -> str:
    return next((target for since, target in reversed(line) if since <= day), "")


def _text(target: str | TaxClass) -> str:
    return f"{target.code} at {target.rate.normalize():f}%" if isinstance(target, TaxClass) else target


def _said(block: MappingBlock) -> dict[str, object]:
    said = block.model_dump(mode="json", exclude_defaults=True)
    for name, tax in block.tax_classes.items():
        said["tax_classes"][name]["rate"] = f"{tax.rate.normalize():f}"
    return said


def _words(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
