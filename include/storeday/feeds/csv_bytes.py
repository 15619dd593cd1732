"""The bytes of a CSV file, held to RFC 4180 before anything is read from them; the delimiter may be another.

pyarrow's reader is fast and forgiving: it takes a NUL byte, a doubled column and a quote that never ends.
Here such a file is found and named by line, in a few passes over the bytes and without a loop over rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import csv as pa_csv

from storeday.model.errors import FileRejected
from storeday.model.tables import CODE

BLOCK: Final = 8 << 20
"""How many bytes of a file are read at a time."""

Positions = np.ndarray[Any, np.dtype[np.int64]]

_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_HEADER: Final = 4_096
_PARSED_AT_ONCE: Final = 4 << 20
_QUOTE, _LF, _CR = (ord(c) for c in '"\n\r')


def text_tables(
    name: str, stream: IO[bytes], columns: tuple[str, ...], block: int = BLOCK
) -> Iterator[tuple[pa.Table, Positions]]:
    """A CSV file as tables of dictionary-encoded text, some rows each, and the line that each row starts on.

    ``columns`` are the header names that must be there, each once and no other, in any order. ``block`` is how
    many bytes are in memory at a time, more only for a field that is longer.
    Raises: FileRejected naming the line: NUL byte, wrong encoding, header, quoting, number of fields.
    """
    rest = stream.read(block).removeprefix(_BOM)
    hold_to_text(name, rest)
    _check_header(name, header_of(name, rest), columns)
    start = rest.find(b"\n") + 1 or len(rest)
    header, rest, line = rest[:start].removesuffix(b"\n") + b"\n", rest[start:], 2
    is_last = False
    while not is_last:
        more = stream.read(block)
        is_last = not more
        rows, rest = _cut(rest, more)
        if rows or (is_last and line == 2):
            yield _some_rows(name, header, rows, columns, line)
            line += rows.count(b"\n")


def _cut(rest: bytes, more: bytes) -> tuple[bytes, bytes]:
    """Whole rows, and the beginning of the row after them; all of it where nothing more comes."""
    content = rest + more
    if not more:
        return content, b""
    end = content.rfind(b"\n") + 1
    if content.count(b'"', 0, end) % 2:
        text = np.frombuffer(content, dtype=np.uint8)
        quotes, feeds = np.flatnonzero(text == _QUOTE), np.flatnonzero(text == _LF)
        ends = feeds[np.searchsorted(quotes, feeds) % 2 == 0]  # a line feed inside of quotes ends no row
        end = int(ends[-1]) + 1 if len(ends) else 0
    return content[:end], content[end:]


def _some_rows(
    name: str, header: bytes, rows: bytes, columns: tuple[str, ...], line: int
) -> tuple[pa.Table, Positions]:
    """Rows that start on a line of the file, read below its header."""
    try:
        if (at := rows.find(b"\0")) >= 0:
            raise FileRejected(name, "there is a NUL byte in the file.", line=_line_of(rows, at) + 1)
        table, lines = read_columns(name, header + rows, columns)
    except FileRejected as rejected:
        at_line = None if rejected.line is None else rejected.line + line - 2
        raise replace(rejected, line=at_line) from None
    return table, lines + (line - 2)


def read_columns(
    name: str, content: bytes, columns: tuple[str, ...], delimiter: str = ","
) -> tuple[pa.Table, Positions]:
    """Some columns of a CSV file in UTF-8 without a byte order mark, whose header has each of them once.

    Raises: FileRejected naming the line: wrong encoding, quoting, number of fields.
    """
    quotes = _checked_quotes(name, content, ord(delimiter))
    lines = _row_lines(content, quotes)
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(content),
            read_options=pa_csv.ReadOptions(block_size=_PARSED_AT_ONCE),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=bool(len(quotes))),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, CODE), strings_can_be_null=False, include_columns=list(columns)
            ),
        )
    except pa.ArrowInvalid as error:
        raise _explained(name, content, error, delimiter) from None
    if table.num_rows != len(lines):
        raise FileRejected(name, f"{len(lines)} rows were expected and {table.num_rows} could be read.")
    return table.unify_dictionaries().combine_chunks(), lines


def hold_to_text(name: str, content: bytes) -> None:
    """Raises: FileRejected where the file is empty or has a NUL byte."""
    if (at := content.find(b"\0")) >= 0:
        raise FileRejected(name, "there is a NUL byte in the file.", line=_line_of(content, at))
    if not content or content.isspace():
        raise FileRejected(name, "the file is empty: not even a header row.")


def header_of(name: str, content: bytes, delimiter: str = ",") -> list[str]:
    """The names of the header row. Raises: FileRejected where it is no row of names."""
    end = content.find(b"\n", 0, _LONGEST_HEADER + 2)
    first = (content[:end] if end >= 0 else content[: _LONGEST_HEADER + 2]).removesuffix(b"\r")
    if b"\r" in first:
        raise FileRejected(name, "the header row has a line break that is neither LF nor CRLF.", line=1)
    if len(first) > _LONGEST_HEADER:
        raise FileRejected(name, "the header row is longer than any row of ours.", line=1)
    return next(csv.reader([first.decode("utf-8", "replace")], delimiter=delimiter), [])


def _line_of(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1


def _check_header(name: str, header: list[str], columns: tuple[str, ...]) -> None:
    doubled = sorted({column for column in header if header.count(column) > 1})
    unknown = sorted(set(header) - set(columns))
    missing = [column for column in columns if column not in header]
    for fault, found in (("doubled", doubled), ("unknown", unknown), ("missing", missing)):
        if found:
            plural = "columns" if len(found) > 1 else "column"
            raise FileRejected(name, f"{fault} {plural} in the header: {', '.join(found)}.", line=1)


def _checked_quotes(name: str, content: bytes, delimiter: int) -> Positions:
    """Where the quotes stand, once they are known to open and close fields as RFC 4180 has it.

    Every second quote closes: one that opens follows a delimiter, a line's start or (doubled) the quote
    before it; one that closes stands before a delimiter, a line's end or the quote after it.
    """
    if b'"' not in content:
        return np.empty(0, dtype=np.int64)
    text = np.frombuffer(content, dtype=np.uint8)
    quotes = np.flatnonzero(text == _QUOTE)
    before = np.where(quotes > 0, text[quotes - 1], _LF)
    after = np.where(quotes + 1 < len(text), text[np.minimum(quotes + 1, len(text) - 1)], _LF)
    opens = np.arange(len(quotes)) % 2 == 0
    fine = np.where(opens, _one_of(delimiter, _LF, _QUOTE)[before], _one_of(delimiter, _LF, _CR, _QUOTE)[after])
    if not fine.all():
        at = int(quotes[np.argmin(fine)])
        raise FileRejected(name, "a quote stands where no quoted field starts or ends.", line=_line_of(content, at))
    if len(quotes) % 2:
        raise FileRejected(name, "a quoted field is never closed.", line=_line_of(content, int(quotes[-1])))
    return quotes


def _one_of(*signs: int) -> Any:
    """For each byte whether it is one of some."""
    found = np.zeros(256, dtype=bool)
    found[list(signs)] = True
    return found


def _row_lines(content: bytes, quotes: Positions) -> Positions:
    """The line each data row starts on; line feeds inside quotes end no row, and blank lines hold none."""
    text = np.frombuffer(content, dtype=np.uint8)
    feeds = np.flatnonzero(text == _LF)
    starts = np.concatenate(([0], feeds + 1))
    ends = np.concatenate((feeds, [len(text)]))
    lines = np.arange(1, len(starts) + 1)
    filled = (ends - starts > 1) | ((ends - starts == 1) & (text[np.minimum(starts, len(text) - 1)] != _CR))
    if len(quotes):
        filled &= np.searchsorted(quotes, starts) % 2 == 0
    of_rows: Positions = lines[filled][1:]
    return of_rows


def _explained(name: str, content: bytes, error: Exception, delimiter: str) -> FileRejected:
    """The line behind pyarrow's message, found by reading the faulty file once more, slowly."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return FileRejected(name, "the file is not UTF-8 text.", line=_line_of(content, wrong.start))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    width = len(next(rows, []))
    before = rows.line_num
    try:
        for row in rows:
            if row and len(row) != width:
                return FileRejected(name, f"{len(row)} fields where the header has {width}.", line=before + 1)
            before = rows.line_num
    except csv.Error:  # of all that Python's reader refuses only a field beyond its limit comes as far as this
        return FileRejected(name, "a field is longer than any of ours.", line=before + 1)
    return FileRejected(name, f"the file can't be read as CSV: {error}.")
