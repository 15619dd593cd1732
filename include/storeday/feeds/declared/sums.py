"""The words of a declaration that say amounts: money, quantities, and what follows from them.

Money is minor units in int64, exactly as it is written; an empty cell is 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.declared.rows import Column, Rows
from storeday.feeds.declared.says import Is, Says
from storeday.feeds.money_text import FINE, fine_or_nothing, shown_fine
from storeday.model.sums import round_half_up
from storeday.model.tables import CODE


class Sums:
    """Money that can be added and taken away."""

    def __add__(self, other: Says) -> Sum:
        return Sum(((1, _says(self)), (1, other)))

    def __sub__(self, other: Says) -> Sum:
        return Sum(((1, _says(self)), (-1, other)))

    def __neg__(self) -> Sum:
        return Sum(((-1, _says(self)),))


@dataclass(frozen=True)
class Sum(Sums):
    """Several amounts, each added or taken away."""

    parts: tuple[tuple[int, Says], ...]

    def columns(self) -> Iterator[Column]:
        """Those of all parts."""
        for _, part in self.parts:
            yield from part.columns()

    def of(self, rows: Rows) -> Any:
        """Minor units."""
        total = np.zeros(len(rows), dtype=np.int64)
        for sign, part in self.parts:
            total += sign * part.of(rows)
        return total


@dataclass(frozen=True)
class Money(Sums):
    """An amount in minor units, exactly as it is written: more than two decimals are refused unless they are 0."""

    column: str
    optional: bool = False

    def columns(self) -> Iterator[Column]:
        """Its one column."""
        yield Column(self.column, self.optional, is_number=True)

    def of(self, rows: Rows) -> Any:
        """Minor units; 0 for an empty cell."""
        fine = fine_amounts(rows, self.column, optional=self.optional)
        beyond = np.flatnonzero(fine % (FINE // 100))
        if len(beyond):
            row = int(beyond[0])
            raise rows.refuse(row, f"{self.column} {shown_fine(int(fine[row]))} has a part of a penny.")
        return fine // (FINE // 100)


@dataclass(frozen=True)
class AddedTax(Sums):
    """A tax where the store's settings say that it is added to the prices; 0 where they include it."""

    money: Money

    def columns(self) -> Iterator[Column]:
        """Those of the tax."""
        yield from self.money.columns()

    def of(self, rows: Rows) -> Any:
        """Minor units."""
        is_added = rows.reading.settings.tax == "added"
        return self.money.of(rows) if is_added else np.zeros(len(rows), dtype=np.int64)


@dataclass(frozen=True)
class Times(Sums):
    """A price times a quantity, to the penny, half a penny up."""

    price: Says
    quantity: Quantity

    def columns(self) -> Iterator[Column]:
        """Those of both."""
        yield from self.price.columns()
        yield from self.quantity.columns()

    def of(self, rows: Rows) -> Any:
        """Minor units."""
        return round_half_up(self.price.of(rows) * self.quantity.of(rows), 1000)


@dataclass(frozen=True)
class WorkedOut(Sums):
    """An amount that a feed works out from several rows together (DeclaredFeed.prepared), with all that it reads."""

    name: str
    reads: tuple[Says, ...]

    def columns(self) -> Iterator[Column]:
        """Those of what it is worked out from."""
        for word in self.reads:
            yield from word.columns()

    def of(self, rows: Rows) -> Any:
        """Minor units."""
        return rows.worked_out[self.name]


@dataclass(frozen=True)
class NotZero:
    """Whether an amount is more or less than nothing, on rows for which ``rows`` is true as well."""

    money: Says
    rows: Says | None = None

    def columns(self) -> Iterator[Column]:
        """Those of both."""
        yield from self.money.columns()
        yield from self.rows.columns() if self.rows else ()

    def of(self, rows: Rows) -> Any:
        """A mask."""
        return (self.money.of(rows) != 0) & (self.rows.of(rows) if self.rows else True)


@dataclass(frozen=True)
class Nothing(Sums):
    """No amount."""

    def columns(self) -> Iterator[Column]:
        """None."""
        yield from ()

    def of(self, rows: Rows) -> Any:
        """Zeros."""
        return np.zeros(len(rows), dtype=np.int64)


@dataclass(frozen=True)
class Where(Sums):
    """An amount on the rows that ``where`` is true of; nothing on the others."""

    where: Says
    money: Says

    def columns(self) -> Iterator[Column]:
        """Those of both."""
        yield from self.where.columns()
        yield from self.money.columns()

    def of(self, rows: Rows) -> Any:
        """Minor units."""
        return np.where(self.where.of(rows), self.money.of(rows), 0)


@dataclass(frozen=True)
class FineMoney:
    """An amount with all its decimals, in hundred-millionths: for a feed that adds such up before it rounds."""

    column: str

    def columns(self) -> Iterator[Column]:
        """Its one column."""
        yield Column(self.column, is_number=True)

    def of(self, rows: Rows) -> Any:
        """Hundred-millionths."""
        return fine_amounts(rows, self.column)


def rounded_together(fine: Any, group: Any) -> Any:
    """Amounts in minor units that sum to each group's sum, rounded half up, each within a unit of its own.

    ``fine`` is in hundred-millionths, ``group`` a number a row. Rounded is the running sum of a group, and an
    amount is what it adds: so what a group's rounding leaves over lies on the rows where the sum passes a half.

    >>> rounded_together(np.array([62_500_000, 62_500_000, 25_000_000]), np.array([0, 0, 0])).tolist()
    [63, 62, 25]
    """
    order = np.argsort(group, kind="stable")
    running = pd.Series(fine[order]).groupby(group[order]).cumsum().to_numpy()
    rounded = round_half_up(running, FINE // 100)
    is_first = np.diff(group[order], prepend=-1) != 0
    parts = np.diff(rounded, prepend=0)
    parts[is_first] = rounded[is_first]
    found = np.empty_like(parts)
    found[order] = parts
    return found


@dataclass(frozen=True)
class BelowZero(Sums):
    """An amount with a minus, whether it is written with one or not."""

    money: Says

    def columns(self) -> Iterator[Column]:
        """Those of the amount."""
        yield from self.money.columns()

    def of(self, rows: Rows) -> Any:
        """Minor units, never above zero."""
        return -np.abs(self.money.of(rows))


@dataclass(frozen=True)
class Quantity:
    """A quantity in thousandths, finer ones rounded half up: weights have up to 5 decimals. Empty is 1."""

    column: str

    def columns(self) -> Iterator[Column]:
        """Its one column."""
        yield Column(self.column, is_number=True)

    def of(self, rows: Rows) -> Any:
        """Thousandths."""
        fine = fine_amounts(rows, self.column)
        return np.where(Is(self.column, ("",)).of(rows), 1000, round_half_up(fine, FINE // 1000))


@dataclass(frozen=True)
class BySign:
    """A sale, or a refund where an amount is below zero."""

    money: Says

    def columns(self) -> Iterator[Column]:
        """Those of the amount."""
        yield from self.money.columns()

    def of(self, rows: Rows) -> Any:
        """Kinds, dictionary-encoded."""
        below = (self.money.of(rows) < 0).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(below), pa.array(["sale", "refund"])).cast(CODE)


@dataclass(frozen=True)
class TaxedOrNot:
    """TAXED where a tax is on the row, UNTAXED where none is; the setting tax_class_of may say more by category."""

    tax: Says
    category: Says | None = None

    def columns(self) -> Iterator[Column]:
        """Those of tax and category."""
        yield from self.tax.columns()
        if self.category:
            yield from self.category.columns()

    def of(self, rows: Rows) -> Any:
        """Tax classes, dictionary-encoded."""
        taxed = np.where(self.tax.of(rows) != 0, 0, 1).astype(np.int32)
        plain = pa.DictionaryArray.from_arrays(pa.array(taxed), pa.array(["TAXED", "UNTAXED"])).cast(CODE)
        told = rows.reading.common.tax_class_of
        if not told or self.category is None:
            return plain
        coded = self.category.of(rows)
        by_category = pa.array([told.get(name) for name in coded.dictionary.to_pylist()], pa.string())
        return pc.coalesce(by_category.take(coded.indices), plain.cast(pa.string())).dictionary_encode().cast(CODE)


def fine_amounts(rows: Rows, column: str, *, optional: bool = False) -> Any:
    """A column of amounts with all their decimals, in hundred-millionths; 0 where there is none."""
    if optional and not rows.has(column):
        return np.zeros(len(rows), dtype=np.int64)

    def convert(texts: Any) -> Any:
        return fine_or_nothing(texts, rows.decimals)

    return rows.converted(column, "an amount", convert, required=False).to_numpy()


def _says(money: Any) -> Says:
    """What has the sums of Sums also says something: each class that inherits it does."""
    says: Says = money
    return says
