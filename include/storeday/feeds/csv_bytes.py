"""A CSV file by its bytes: what is no text or has no such header is refused, the rest is read some rows at a time.

That rows are rows, and quotes quotes, csv_rows sees to. All is found and named by line, in a few passes over the
bytes and without a loop over rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Final

import numpy as np
import pyarrow as pa

from storeday.feeds.csv_cells import Cells, Positions
from storeday.feeds.csv_rows import cells_of
from storeday.model.errors import FileRejected
from storeday.model.tables import CODE

BLOCK: Final = 3 << 20
"""How many bytes of a file are read at a time."""

_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_HEADER: Final = 4_096
_QUOTE, _LF = (ord(sign) for sign in '"\n')


def contract_rows(
    name: str, stream: IO[bytes], columns: tuple[str, ...], *, starts: bytes = b"", block: int = BLOCK
) -> Iterator[tuple[Cells, Positions]]:
    """The rows of a CSV file, some at a time, and the line that each row starts on.

    ``columns`` are the header names that must be there, each once and no other, in any order. ``block`` is how
    many bytes are in memory at a time, more only for a field that is longer. Where rows begin with ``starts``, one
    of them is the first of each block.
    Raises: FileRejected naming the line: NUL byte, wrong encoding, header, quoting, number of fields.
    """
    rest = stream.read(block).removeprefix(_BOM)
    hold_to_text(name, rest)
    header = header_of(name, rest)
    _check_header(name, header, columns)
    yield from _rows_below(name, rest, stream, header, starts=b"\n" + starts, block=block)


def joined_rows(files: Mapping[str, bytes], columns: tuple[str, ...]) -> tuple[Cells, Positions, Positions]:
    """The rows of small CSV files of one header as one text.

    Also the line that each row starts on, and by file that of its first row; lines count on from file to file.
    Raises: FileRejected where one of them would be refused, or its header is written otherwise than the first's.
    """
    header, bodies = None, []
    for name, content in files.items():
        text = content.removeprefix(_BOM)
        hold_to_text(name, text)
        first, _, body = text.partition(b"\n")
        if header is None:
            header = first
            _check_header(name, header_of(name, text), columns)
        if first != header:
            raise FileRejected(name, "its header is written otherwise than that of the files beside it.", line=1)
        if _how_many(body, _QUOTE) % 2:  # it would be closed by the next file's
            raise FileRejected(name, "a quoted field is never closed.")
        bodies.append(body if body.endswith(b"\n") or not body else body + b"\n")
    lines = np.cumsum([2, *(_how_many(body, _LF) for body in bodies)])
    cells, of_cells = cells_of(", ".join(files), b"".join(bodies), header_of("", header or b""), line=2)
    return cells, of_cells, lines[:-1]


def read_columns(
    name: str, content: bytes, columns: tuple[str, ...], delimiter: str = ","
) -> tuple[pa.Table, Positions]:
    """Some columns of a CSV file in UTF-8 without a byte order mark, whose header has each of them once.

    Raises: FileRejected naming the line: wrong encoding, quoting, number of fields.
    """
    stream = io.BytesIO(content)
    named = enumerate(header_of(name, content, delimiter))
    header = [column if column in columns else f"\0{place}" for place, column in named]  # two may be of one name
    parts, lines = [], []
    for cells, of_cells in _rows_below(name, stream.read(BLOCK), stream, header, delimiter=delimiter):
        parts.append(pa.table({column: cells.column(column) for column in columns}))
        lines.append(of_cells)
    schema = pa.schema([(column, CODE) for column in columns])
    whole = pa.concat_tables([schema.empty_table(), *parts]).unify_dictionaries().combine_chunks()
    return whole, np.concatenate(lines)


def _rows_below(
    name: str,
    rest: bytes,
    stream: IO[bytes],
    header: Sequence[str],
    *,
    delimiter: str = ",",
    starts: bytes = b"\n",
    block: int = BLOCK,
) -> Iterator[tuple[Cells, Positions]]:
    """The rows below the header of a file that begins with ``rest`` and goes on with ``stream``."""
    rest, line, is_last = rest[rest.find(b"\n") + 1 or len(rest) :], 2, False
    while not is_last:
        more = stream.read(block)
        is_last = not more
        rows, rest = _cut(rest, more, starts)
        if (at := rows.find(b"\0")) >= 0:
            raise FileRejected(name, "there is a NUL byte in the file.", line=line + rows.count(b"\n", 0, at))
        if rows or (is_last and line == 2):
            yield cells_of(name, rows, header, delimiter, line)
            line += _how_many(rows, _LF)


def _cut(rest: bytes, more: bytes, starts: bytes) -> tuple[bytes, bytes]:
    """Whole rows, and the beginning of the row after them; all of it where nothing more comes."""
    content = rest + more
    if not more:
        return content, b""
    for end in (content.rfind(starts) + 1, content.rfind(b"\n") + 1):
        if end and not _how_many(content[:end], _QUOTE) % 2:
            return content[:end], content[end:]
    text = np.frombuffer(content, dtype=np.uint8)
    quotes, feeds = np.flatnonzero(text == _QUOTE), np.flatnonzero(text == _LF)
    ends = feeds[np.searchsorted(quotes, feeds) % 2 == 0]  # a line feed inside of quotes ends no row
    end = int(ends[-1]) + 1 if len(ends) else 0
    return content[:end], content[end:]


def _how_many(content: bytes, sign: int) -> int:
    return int(np.count_nonzero(np.frombuffer(content, dtype=np.uint8) == sign))


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
