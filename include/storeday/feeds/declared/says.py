"""The words of a declaration that say texts, and which rows are meant.

Each word has the columns that it reads and, of some rows, a whole column of what they say: codes as
dictionary-encoded text, masks as booleans. Amounts: ``sums``; times: ``moments``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.declared.rows import Column, Rows, no_codes
from storeday.feeds.declared.settings import NONE
from storeday.model.tables import CODE

A_CODE: Final = "a text of at most 100 characters"
A_TEXT: Final = "a text of at most 500 characters"


class Says(Protocol):
    """One thing that rows say."""

    def columns(self) -> Iterator[Column]:
        """The columns it reads."""
        ...

    def of(self, rows: Rows) -> Any:
        """What each row says. Raises: FileRejected naming the line of what is wrong."""
        ...


@dataclass(frozen=True)
class Text:
    """A code or name as it is written, blanks around it left off.

    An ``optional`` column may be missing. An empty cell says ``empty``, or is refused where that is None and
    ``required``. ``renamed_by`` names a setting whose dictionary gives other names.
    """

    column: str
    optional: bool = False
    required: bool = True
    empty: str | None = None
    renamed_by: str = ""
    longest: int = 100

    def columns(self) -> Iterator[Column]:
        """Its one column."""
        yield Column(self.column, self.optional)

    def of(self, rows: Rows) -> Any:
        """Dictionary-encoded text; null for an empty cell that says nothing."""
        names = getattr(rows.reading.settings, self.renamed_by) if self.renamed_by else {}
        empty = names.get(NONE, self.empty)
        if not rows.has(self.column):
            return _constant(empty, len(rows)) if empty is not None else no_codes(len(rows))

        required = self.required and empty is None and not self.optional

        def convert(texts: Any) -> Any:
            trimmed = pc.utf8_trim_whitespace(texts)
            blank = pc.fill_null(pc.equal(trimmed, ""), True)
            if _any(pc.greater(pc.utf8_length(trimmed), self.longest)) or (required and _any(blank)):
                raise ValueError
            if not names and not _any(blank) and trimmed.equals(texts):  # distinct already: receipts' numbers, say
                return pa.DictionaryArray.from_arrays(pa.array(np.arange(len(texts), dtype=np.int32)), texts)
            return pc.if_else(blank, pa.scalar(empty, pa.string()), _renamed(trimmed, names)).dictionary_encode()

        what = A_CODE if self.longest == 100 else A_TEXT
        return rows.converted(self.column, what, convert, required=required).cast(CODE)


@dataclass(frozen=True)
class Constant:
    """The same text on every row."""

    text: str

    def columns(self) -> Iterator[Column]:
        """None."""
        yield from ()

    def of(self, rows: Rows) -> Any:
        """The text, as often as there are rows."""
        return _constant(self.text, len(rows))


@dataclass(frozen=True)
class FirstFilled:
    """The first of several texts that a row has."""

    texts: tuple[Says, ...]

    def columns(self) -> Iterator[Column]:
        """Those of all of them."""
        for text in self.texts:
            yield from text.columns()

    def of(self, rows: Rows) -> Any:
        """Dictionary-encoded text."""
        found = [text.of(rows).cast(pa.string()) for text in self.texts]
        return pc.coalesce(*found).dictionary_encode().cast(CODE)


@dataclass(frozen=True)
class Either:
    """One text on the rows that ``where`` is true of, another on the rest."""

    where: Says
    yes: Says
    no: Says

    def columns(self) -> Iterator[Column]:
        """Those of all three."""
        for word in (self.where, self.yes, self.no):
            yield from word.columns()

    def of(self, rows: Rows) -> Any:
        """Dictionary-encoded text."""
        yes, no = (word.of(rows).cast(pa.string()) for word in (self.yes, self.no))
        return pc.if_else(pa.array(self.where.of(rows)), yes, no).dictionary_encode().cast(CODE)


@dataclass(frozen=True)
class Suffixed:
    """A text with something after it on the rows that ``where`` is true of: a refund told under its sale's id."""

    text: Says
    suffix: str
    where: Says

    def columns(self) -> Iterator[Column]:
        """Those of both."""
        yield from self.text.columns()
        yield from self.where.columns()

    def of(self, rows: Rows) -> Any:
        """Dictionary-encoded text."""
        coded, mask = self.text.of(rows), self.where.of(rows)
        names = coded.dictionary
        both = pa.concat_arrays([names, pc.binary_join_element_wise(names, self.suffix, "")])
        indices = np.asarray(coded.indices) + np.where(mask, len(names), 0)
        encoded = both.dictionary_encode()
        return encoded.take(pa.array(indices.astype(np.int64))).cast(CODE)


@dataclass(frozen=True)
class OneOf:
    """A column of few known texts, each with its meaning; another text is refused with its line."""

    column: str
    means: dict[str, str]
    optional: str | None = None  # what a missing column means, where it may be missing

    def columns(self) -> Iterator[Column]:
        """Its one column."""
        yield Column(self.column, optional=self.optional is not None)

    def of(self, rows: Rows) -> Any:
        """The meanings, dictionary-encoded."""
        if not rows.has(self.column):
            return _constant(str(self.optional), len(rows))
        known = pa.array([name.lower() for name in self.means])

        def convert(texts: Any) -> Any:
            place = pc.index_in(_folded(texts), known)
            if place.null_count:
                raise ValueError
            return pa.array(list(self.means.values())).dictionary_encode().take(place)

        what = "one of " + ", ".join(name or NONE for name in self.means)
        return rows.converted(self.column, what, convert, required=False).cast(CODE)


@dataclass(frozen=True)
class Is:
    """Whether a column says one of some texts; an empty cell is the text "". A missing optional column says no."""

    column: str
    texts: tuple[str, ...]
    optional: bool = False

    def columns(self) -> Iterator[Column]:
        """Its one column."""
        yield Column(self.column, self.optional)

    def of(self, rows: Rows) -> Any:
        """A mask."""
        if not rows.has(self.column):
            return np.zeros(len(rows), dtype=bool)
        coded = rows.text.text(self.column)
        hits = pc.is_in(_folded(coded.dictionary), pa.array([text.lower() for text in self.texts]))
        return hits.take(coded.indices).to_numpy(zero_copy_only=False)


@dataclass(frozen=True)
class All:
    """Whether several things are so at once."""

    masks: tuple[Says, ...]

    def columns(self) -> Iterator[Column]:
        """Those of all of them."""
        for mask in self.masks:
            yield from mask.columns()

    def of(self, rows: Rows) -> Any:
        """A mask."""
        return np.logical_and.reduce([mask.of(rows) for mask in self.masks])


@dataclass(frozen=True)
class Not:
    """Whether something else is not so."""

    mask: Says

    def columns(self) -> Iterator[Column]:
        """Those of the other."""
        yield from self.mask.columns()

    def of(self, rows: Rows) -> Any:
        """A mask."""
        return ~self.mask.of(rows)


def _folded(texts: Any) -> Any:
    return pc.utf8_lower(pc.utf8_trim_whitespace(pc.fill_null(texts, "")))


def _renamed(texts: Any, names: dict[str, str]) -> Any:
    if not names:
        return texts
    place = pc.index_in(texts, pa.array(list(names)))
    return pc.coalesce(pa.array(list(names.values())).take(place), texts)


def _any(mask: Any) -> bool:
    return bool(pc.any(pc.fill_null(mask, False)).as_py())


def _constant(text: str, count: int) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([text]))
