"""What a feed declares: its files, which rows are receipts, lines and tenders, and what must come out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from storeday.feeds.declared.moments import LocalTime, OffsetTime
from storeday.feeds.declared.rows import Column
from storeday.feeds.declared.says import Constant, Says, Text
from storeday.feeds.declared.settings import NONE
from storeday.feeds.declared.sums import NotZero

NO_TAX: Final = "NOTAX"
"""The tax class of lines that are no supply: tips, rounding."""

_NOT_SAID, _NO_TAX, _NONE = Constant(""), Constant(NO_TAX), Constant(NONE)
_SLICE: Final = r"(?P<slice>[A-Za-z0-9_.-]*?)"
_PACKED: Final = r"(?P<packed>(?:\.gz|\.zip)?)"


@dataclass(frozen=True)
class ExportFile:
    """One of the files that make a slice: ``name`` has {slice} where names of one slice agree.

    ``role`` is what declarations call it, empty for the main file. ``also`` has other header names of a column,
    as older or newer exports write it.
    """

    name: str
    role: str = ""
    also: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def slice_of(self, name: str) -> tuple[str, str] | None:
        """The slice and the packing in a file's name; None for another kind of name."""
        before, _, after = self.name.partition("{slice}")
        pattern = re.escape(before) + _SLICE + re.escape(after) + _PACKED
        found = re.fullmatch(pattern, name)
        return (found["slice"], found["packed"]) if found else None

    def name_of(self, part: tuple[str, str]) -> str:
        """The name of this file for a slice and packing."""
        return self.name.replace("{slice}", part[0]) + part[1]


@dataclass(frozen=True)
class LeftOut:
    """Rows that are no receipt yet, or never: left out, counted and told with ``why``."""

    where: Says
    why: str


@dataclass(frozen=True)
class Receipts:
    """Rows that say a receipt in total. A void keeps its number and carries no money."""

    receipt: Says
    at: LocalTime | OffsetTime
    kind: Says
    gross: Says
    tax: Says
    till: Says = _NOT_SAID  # the setting till
    customer: Says | None = None
    original: Says | None = None
    rows: Says | None = None
    location: Text | None = None
    currency: Text | None = None  # held to the setting currency
    is_void: Says | None = None
    left_out: tuple[LeftOut, ...] = ()

    def columns(self) -> Iterator[Column]:
        """All columns that its words read."""
        words = (
            self.receipt, self.at, self.kind, self.gross, self.tax, self.till, self.customer, self.original,
            self.rows, self.location, self.currency, self.is_void, *(left.where for left in self.left_out),
        )  # fmt: skip
        yield from _columns(words)


@dataclass(frozen=True)
class Lines:
    """Rows that say a line of a receipt; ``of`` is the companion file they are in, empty for the main one."""

    receipt: Says
    category: Says
    gross: Says
    tax: Says | None = None
    tax_class: Says = _NO_TAX
    sku: Says = _NONE
    description: Says | None = None
    quantity: Says | None = None  # without it 1, with the sign of the gross
    discount: Says | None = None
    rows: Says | None = None
    of: str = ""

    def columns(self) -> Iterator[Column]:
        """All columns that its words read."""
        words = (
            self.receipt, self.category, self.gross, self.tax, self.tax_class, self.sku, self.description,
            self.quantity, self.discount, self.rows,
        )  # fmt: skip
        yield from _columns(words)


@dataclass(frozen=True)
class Tenders:
    """Rows that say a payment of a receipt, net of change."""

    receipt: Says
    tender: Says
    amount: Says
    rows: Says | None = None
    of: str = ""

    def columns(self) -> Iterator[Column]:
        """All columns that its words read."""
        yield from _columns((self.receipt, self.tender, self.amount, self.rows))


@dataclass(frozen=True)
class TaxProof:
    """How totals show whether the setting ``tax`` is right: net + added = total, or net + added + tax = total."""

    total: Says
    net: Says
    tax: Says

    def columns(self) -> Iterator[Column]:
        """All columns that its words read."""
        yield from _columns((self.total, self.net, self.tax))


def extra(
    category: str,
    gross: Says,
    receipt: Says,
    *,
    tax_class: Says = _NO_TAX,
    of: str = "",
    where: Says | None = None,
) -> Lines:
    """A line of its own for an amount that stands in a column of a receipt's or payment's row, where it isn't 0."""
    return Lines(
        receipt=receipt,
        category=Constant(category),
        gross=gross,
        tax_class=tax_class,
        rows=NotZero(gross, where),
        of=of,
    )


def by_column(tender: Says, amount: Says, receipt: Says) -> Tenders:
    """A tender that has a column of its own, where it isn't 0."""
    return Tenders(receipt=receipt, tender=tender, amount=amount, rows=NotZero(amount))


def _columns(words: tuple[Says | None, ...]) -> Iterator[Column]:
    for word in words:
        if word is not None:
            yield from word.columns()
