"""The rows and cells of a CSV text, found in a few passes over its bytes and without a loop over rows.

A text is held to RFC 4180 while they are found; the delimiter may be another. What is wrong is named by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from storeday.feeds.csv_cells import WORD, Cells, Positions
from storeday.model.errors import FileRejected

_QUOTE, _LF, _CR = (ord(sign) for sign in '"\n\r')


def cells_of(
    name: str, content: bytes, columns: Sequence[str], delimiter: str = ",", line: int = 1
) -> tuple[Cells, Positions]:
    """Whole rows of a CSV text in UTF-8, and the line that each starts on; blank lines are none.

    ``columns`` names a row's cells; ``line`` is that of the first byte.
    Raises: FileRejected naming the line: wrong encoding, quoting, line ends, number of fields.
    """
    marks = _marks(name, content, ord(delimiter), line)
    _check_quotes(marks, ord(delimiter))
    if b"\r" in content:
        _check_returns(marks)
    ends, starts = _rows(marks, len(columns))
    if b"\r" in content and len(starts):
        ends[-1] -= marks.text[ends[-1] - 1] == _CR
    lines = np.arange(len(starts)) if len(starts) == len(marks.feeds) else np.searchsorted(marks.feeds, starts)
    places = {column: place for place, column in enumerate(columns)}
    return Cells(marks.text, places, starts, ends, has_quotes=bool(len(marks.quotes))), lines + line


@dataclass(frozen=True)
class _Marks:
    """Where the signs stand that part a text into cells."""

    name: str
    text: Any  # a line feed at its end, and a word more
    quotes: Any
    feeds: Any  # inside of quotes too
    stops: Any  # delimiters and line feeds
    line: int

    def refuse(self, at: int, why: str) -> FileRejected:
        """The rejection of the file for what stands at a place."""
        return FileRejected(self.name, why, line=self.line + int(np.searchsorted(self.feeds, at)))


def _marks(name: str, content: bytes, delimiter: int, line: int) -> _Marks:
    _check_utf8(name, content, line)
    text = np.zeros(len(content) + 1 + WORD, dtype=np.uint8)
    text[: len(content)] = np.frombuffer(content, dtype=np.uint8)
    if content and not content.endswith(b"\n"):
        text[len(content)] = _LF
    is_feed = text == _LF
    feeds, quotes, stops = (_places(mask) for mask in (is_feed, text == _QUOTE, is_feed | (text == delimiter)))
    return _Marks(name, text, quotes, feeds, stops, line)


def _places(mask: Any) -> Any:
    """Where a mask is true, in half the memory of what numpy gives: that is the time these passes take."""
    return np.flatnonzero(mask).astype(np.int32)


def _check_utf8(name: str, content: bytes, line: int) -> None:
    offsets = pa.py_buffer(np.array([0, len(content)], dtype=np.int64))
    try:
        pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(content)).validate(full=True)
    except pa.ArrowInvalid:
        at = _first_wrong(content)
        raise FileRejected(name, "the file is not UTF-8 text.", line=line + content.count(b"\n", 0, at)) from None


def _first_wrong(content: bytes) -> int:
    try:
        content.decode()
    except UnicodeDecodeError as wrong:
        return wrong.start
    raise AssertionError("a text that Arrow refuses is not UTF-8")


def _check_quotes(marks: _Marks, delimiter: int) -> None:
    """Hold quotes to RFC 4180.

    Every second quote closes: one that opens follows a delimiter, a line's start or (doubled) the quote
    before it; one that closes stands before a delimiter, a line's end or the quote after it.
    """
    if not len(marks.quotes):
        return
    before, after = marks.text[marks.quotes - 1], marks.text[marks.quotes + 1]
    if marks.quotes[0] == 0:
        before[0] = _LF
    fine = np.empty(len(before), dtype=bool)
    fine[::2] = _one_of(delimiter, _LF, _QUOTE)[before[::2]]
    fine[1::2] = _one_of(delimiter, _LF, _CR, _QUOTE)[after[1::2]]
    if not fine.all():
        raise marks.refuse(int(marks.quotes[np.argmin(fine)]), "a quote stands where no quoted field starts or ends.")
    if len(marks.quotes) % 2:
        raise marks.refuse(int(marks.quotes[-1]), "a quoted field is never closed.")


def _one_of(*signs: int) -> Any:
    """For each byte whether it is one of some."""
    found = np.zeros(256, dtype=bool)
    found[list(signs)] = True
    return found


def _check_returns(marks: _Marks) -> None:
    returns = np.flatnonzero(marks.text == _CR)
    alone = (marks.text[returns + 1] != _LF) & (np.searchsorted(marks.quotes, returns) % 2 == 0)
    if alone.any():
        raise marks.refuse(int(returns[np.argmax(alone)]), "a line break is neither LF nor CRLF.")


def _unquoted(marks: _Marks) -> tuple[Any, int]:
    """The delimiters and line feeds that are not inside of quotes, and how many of these are line feeds."""
    between = np.searchsorted(marks.stops, marks.quotes)
    opened, closed = between[::2], between[1::2]
    is_spanned = opened < closed
    if not is_spanned.any():
        return marks.stops, len(marks.feeds)
    opened, sizes = opened[is_spanned], (closed - opened)[is_spanned]
    inside = np.repeat(opened - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
    keep = np.ones(len(marks.stops), dtype=bool)
    keep[inside] = False
    return marks.stops[keep], len(marks.feeds) - int((marks.text[marks.stops[inside]] == _LF).sum())


def _rows(marks: _Marks, width: int) -> tuple[Any, Any]:
    """Where cells end, by column, and where rows start. Raises: FileRejected for a row of another width."""
    stops, breaks = _unquoted(marks)
    if width < 2 or len(stops) != width * breaks or not (marks.text[stops[width - 1 :: width]] == _LF).all():
        return _uneven_rows(marks, stops, width)
    ends = np.ascontiguousarray(stops.reshape(-1, width).T)
    return ends, np.concatenate(([0], ends[-1] + 1))[:-1]


def _uneven_rows(marks: _Marks, stops: Any, width: int) -> tuple[Any, Any]:
    """The same of rows with blank lines between them."""
    last = np.flatnonzero(marks.text[stops] == _LF)
    fields = np.diff(last, prepend=-1)
    starts = np.concatenate(([0], stops[last] + 1))[:-1]
    sizes = stops[last] - starts
    is_blank = (fields == 1) & ((sizes == 0) | ((sizes == 1) & (marks.text[starts] == _CR)))
    is_wrong = ~is_blank & (fields != width)
    if is_wrong.any():
        row = int(np.argmax(is_wrong))
        raise marks.refuse(int(starts[row]), f"{fields[row]} fields where the header has {width}.")
    ends = np.ascontiguousarray(np.delete(stops, last[is_blank]).reshape(-1, width).T)
    return ends, starts[~is_blank]
