"""The bytes of a CSV file, held to RFC 4180 before anything is read from them; the delimiter may be another.

pyarrow's reader is fast and forgiving: it takes a NUL byte, a doubled column and a quote that never ends.
Here such a file is found and named by line, in a few passes over the bytes and without a loop over rows.
"""

from __future__ import annotations

import csv
import io
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import csv as pa_csv

from storeday.model.errors import FileRejected
from storeday.model.tables import CODE

Positions = np.ndarray[Any, np.dtype[np.int64]]

_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_HEADER: Final = 4_096
_QUOTE, _LF, _CR = (ord(c) for c in '"\n\r')


def read_text_table(name: str, content: bytes, columns: tuple[str, ...]) -> tuple[pa.Table, Positions]:
    """A CSV file as a table of dictionary-encoded text, and the line of the file each row starts on.

    ``columns`` are the header names that must be there, each once and no other, in any order.
    Raises: FileRejected naming the line: NUL byte, wrong encoding, header, quoting, number of fields.
    """
    content = content.removeprefix(_BOM)
    hold_to_text(name, content)
    _check_header(name, header_of(name, content), columns)
    return read_columns(name, content, columns)


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
    if not content.strip():
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
    fine = np.where(
        opens,
        np.isin(before, (delimiter, _LF, _QUOTE)),
        np.isin(after, (delimiter, _LF, _CR, _QUOTE)),
    )
    if not fine.all():
        at = int(quotes[np.argmin(fine)])
        raise FileRejected(name, "a quote stands where no quoted field starts or ends.", line=_line_of(content, at))
    if len(quotes) % 2:
        raise FileRejected(name, "a quoted field is never closed.", line=_line_of(content, int(quotes[-1])))
    return quotes


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
