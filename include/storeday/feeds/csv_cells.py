"""The cells of a CSV text as places in its bytes; what stands in a column is read when it is asked for.

Eight bytes of a cell are one integer, so amounts are converted and equal texts found by arithmetic on whole
columns, and no text is made but of distinct values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Positions = np.ndarray[Any, np.dtype[np.int64]]

WORD: Final = 8
"""How many bytes of a text are taken as one integer; a text of Cells goes on for as many more."""

_QUOTE: Final = ord('"')
_U: Final = np.uint64
_FIRST: Final = np.array([(1 << 8 * size) - 1 for size in range(WORD + 1)], dtype=_U)
"""Masks of the first so many bytes of a word; the first byte of a cell is the lowest."""

_ALIGN: Final = np.array([0, *(8 * (WORD - size) for size in range(1, WORD + 1))], dtype=_U)
"""How far the bytes of a short cell move up for its last one to be the word's last."""

_ZEROS: Final = 0x3030303030303030
_FILL: Final = np.array([0, *(_ZEROS & ((1 << 8 * (WORD - size)) - 1) for size in range(1, WORD + 1))], dtype=_U)
"""Digits 0 for the bytes below."""

_MIXER: Final = _U(0x9E3779B97F4A7C15)
"""What the hash of a long text is multiplied by: an odd number without a pattern."""


@dataclass(frozen=True)
class Cells:
    """Some rows of a CSV text. Of its columns it answers what a pa.Table does of texts."""

    text: Any  # the bytes, and a word more
    places: Mapping[str, int]  # of the columns in a row
    starts: Any  # of the rows
    ends: Any  # of the cells, by column and then by row
    has_quotes: bool
    chosen: Any = None  # the rows that these are; None for all

    @property
    def num_rows(self) -> int:
        """How many rows."""
        return len(self.starts if self.chosen is None else self.chosen)

    def filter(self, mask: Any) -> Cells:
        """The rows for which ``mask`` is true."""
        hits = np.flatnonzero(mask)
        return replace(self, chosen=hits if self.chosen is None else self.chosen[hits])

    def row(self, at: int) -> dict[str, str]:
        """What one row says, by column."""
        alone = replace(self, chosen=np.array([at if self.chosen is None else self.chosen[at]]))
        return {column: alone.column(column)[0].as_py() for column in self.places}

    def column(self, name: str) -> Any:
        """A column of texts, dictionary-encoded."""
        begins, sizes, words = self._heads(name)
        longest = int(sizes.max(initial=0))
        if not longest:
            nothing = np.zeros(len(begins), dtype=np.int32)
            return pa.DictionaryArray.from_arrays(pa.array(nothing), pa.array([""] if len(begins) else [], pa.string()))
        codes = self._same(begins, sizes, words, longest)
        first = np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))
        if longest > WORD and not self._is_each(first[codes], begins, sizes, words):  # two texts of one hash
            return self._texts(begins, sizes).dictionary_encode()
        return pa.DictionaryArray.from_arrays(pa.array(codes), self._texts(begins[first], sizes[first]))

    def equals(self, name: str, others: Cells, rows: Any) -> bool:
        """Whether each cell of a column says the same as that of another row: ``rows`` of ``others``, of one text."""
        begins, sizes, words = self._heads(name)
        other_begins, other_sizes, other_words = (part.take(rows) for part in others._heads(name))
        if not ((words == other_words).all() and (sizes == other_sizes).all()):
            return False
        return self._rest_equal(begins, sizes, other_begins)

    def exact(self, name: str, decimals: int) -> tuple[Any, Any]:
        """A column of numbers in units of their last decimal, and of which cells that is known for sure.

        Sure are at most eight signs in one form: digits with a minus or none before them, and all the decimals or
        none after a point. Of another cell only slower ways know what it says. Of no decimals no minus is sure.
        """
        _, sizes, word = self._heads(name)
        short = np.minimum(sizes, WORD)
        needed = np.ones(len(word), dtype=np.int32)
        below = (word & _U(0xFF) == ord("-")) if decimals else np.zeros(len(word), dtype=bool)
        if has_below := bool(below.any()):
            word = word ^ np.where(below, _U(ord("-") ^ ord("0")), _U(0))
            needed += below
        word = (word << _ALIGN[short]) | _FILL[short]
        place = _U(8 * (WORD - 1 - decimals))
        pointed = (word >> place & _U(0xFF) == ord(".")) if decimals else np.zeros(len(word), dtype=bool)
        if pointed.any():
            after = _U(((1 << 8 * decimals) - 1) << 8 * (WORD - decimals))
            joined = (word & ((_U(1) << place) - _U(1))) << _U(8) | word & after | _U(ord("0"))
            word = joined if pointed.all() else np.where(pointed, joined, word)
            needed += pointed * np.int32(decimals + 1)
        digits = word ^ _U(_ZEROS)
        other = ((digits + _U(0x7676767676767676)) | digits) & _U(0x8080808080808080)
        value = _summed(digits).astype(np.int64)
        value = value if pointed.all() else np.where(pointed, value, value * 10**decimals)
        sure = (other == 0) & (sizes <= WORD) & (sizes >= needed)
        return (np.where(below, -value, value) if has_below else value), sure

    def is_empty(self, name: str) -> Any:
        """Of a column which cells are empty."""
        return self._heads(name)[1] == 0

    @property
    def _words(self) -> Any:
        """The text as the eight bytes from each place on."""
        return np.ndarray((len(self.text) - WORD + 1,), dtype="<u8", buffer=self.text, strides=(1,))

    def _heads(self, name: str) -> tuple[Any, Any, Any]:
        """Where the cells of a column begin, quotes left out, how many bytes they are, and the first eight of them."""
        place, ends = self.places[name], self.ends[self.places[name]]
        begins = self.ends[place - 1] if place else self.starts - 1
        if self.chosen is not None:
            begins, ends = begins.take(self.chosen), ends.take(self.chosen)
        begins = begins + 1
        words = self._words[begins]
        if self.has_quotes:
            quoted = words & _U(0xFF) == _QUOTE
            if quoted.any():
                begins, ends = begins + quoted, ends - quoted
                words = self._words[begins]
        sizes = ends - begins
        return begins, sizes, words & _FIRST[np.minimum(sizes, WORD)]

    def _same(self, begins: Any, sizes: Any, hashed: Any, longest: int) -> Any:
        """A number a cell, the same for the same text, counted in order; for long ones by a hash."""
        for done in range(WORD, longest, WORD):
            hashed = (hashed ^ hashed >> _U(29)) * _MIXER + self._part(begins, sizes, done)
        if (hashed == hashed[0]).all():
            return np.zeros(len(hashed), dtype=np.int32)
        return pc.dictionary_encode(pa.array(hashed)).indices.to_numpy()

    def _part(self, begins: Any, sizes: Any, done: int) -> Any:
        """The next eight bytes of each cell; nothing where it is not so long."""
        last = len(self.text) - WORD
        return self._words[np.minimum(begins + done, last)] & _FIRST[np.clip(sizes - done, 0, WORD)]

    def _is_each(self, rows: Any, begins: Any, sizes: Any, words: Any) -> bool:
        """Whether each cell is the same as that of another row, number by number."""
        if not ((words == words[rows]).all() and (sizes == sizes[rows]).all()):
            return False
        return self._rest_equal(begins, sizes, begins[rows])

    def _rest_equal(self, begins: Any, sizes: Any, other_begins: Any) -> bool:
        """Whether cells are the same as others of their sizes beyond the first eight bytes."""
        return all(
            bool((self._part(begins, sizes, done) == self._part(other_begins, sizes, done)).all())
            for done in range(WORD, int(sizes.max(initial=0)), WORD)
        )

    def _texts(self, begins: Any, sizes: Any) -> Any:
        """Cells as Arrow texts, in order of their places: of a text parted there each second part is one."""
        parted = np.empty(2 * len(sizes), dtype=np.int64)
        parted[::2], parted[1::2] = begins, begins + sizes
        parts = pa.LargeStringArray.from_buffers(len(parted) - 1, pa.py_buffer(parted), pa.py_buffer(self.text))
        texts = parts.take(pa.array(np.arange(0, len(parted), 2))).cast(pa.string())
        return pc.replace_substring(texts, '""', '"') if self.has_quotes else texts


def _summed(digits: Any) -> Any:
    """Eight digits, one a byte and the first the lowest, as the number that they write."""
    pairs = (digits * _U(10) + (digits >> _U(8))) & _U(0x00FF00FF00FF00FF)
    fours = (pairs * _U(100) + (pairs >> _U(16))) & _U(0x0000FFFF0000FFFF)
    return (fours * _U(10_000) + (fours >> _U(32))) & _U(0xFFFFFFFF)
