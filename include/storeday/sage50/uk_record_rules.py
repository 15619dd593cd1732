"""The strict validator of written record files: what Sage 50 UK might take wrongly is refused on the bytes.

Sage makes a record or changes the one that is there, so a wrong code would spoil another's record.
Source: sage50-uk reference, 2.2, 2.3, 1.2 and 1.10.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from storeday.sage50.proof import ProofFailed
from storeday.sage50.uk_record_layouts import LAYOUTS, Layout
from storeday.sage50.uk_records import Records
from storeday.sage50.uk_rules import FORMULA


def proven_files(records: Records, tax_codes: frozenset[str]) -> dict[str, bytes]:
    """A batch's record files, as Records.files gives them. Raises: ProofFailed where what is written breaks a rule."""
    files = records.files()
    if problems := record_problems_in(files, tax_codes):
        raise ProofFailed("the customers or products to be brought break Sage's rules: " + "; ".join(problems[:10]))
    return files


def record_problems_in(files: dict[str, bytes], tax_codes: frozenset[str]) -> list[str]:
    """Everything that is wrong with a batch's record files, by file and line; an empty list lets them through.

    ``tax_codes`` are those of the company.
    """
    return [
        f"{layout.file} {problem}"
        for layout in LAYOUTS
        if layout.file in files
        for problem in _problems(layout, files[layout.file], tax_codes)
    ]


def _problems(layout: Layout, content: bytes, tax_codes: frozenset[str]) -> Iterator[str]:
    if not content.isascii():
        first = next(place for place, byte in enumerate(content) if byte > 127)
        yield f"line {content.count(10, 0, first) + 1}: not ASCII"
        return
    text = content.decode("ascii")
    if not text.endswith("\r\n") or text.count("\n") != text.count("\r\n"):
        yield "lines must end in CRLF, the last one too"
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows or rows[0] != layout.header:
        yield "line 1: the header is not the layout's"
        return
    if len(rows) == 1:
        yield "has no record"
    for line, row in enumerate(rows[1:], start=2):
        for fault in _row_faults(layout, row, tax_codes):
            yield f"line {line}: {fault}"
    doubled = [code for code, times in Counter(row[0] for row in rows[1:] if row).items() if times > 1]
    for code in doubled:
        yield f"{layout.code} {code} stands twice"


def _row_faults(layout: Layout, row: list[str], tax_codes: frozenset[str]) -> Iterator[str]:
    if len(row) != len(layout.header):
        yield f"{len(row)} fields, not {len(layout.header)}"
        return
    for (column, form), value in zip(layout.forms.items(), row, strict=True):
        if not value and column in layout.needed:
            yield f"{column} is empty"
        elif value and not form.fullmatch(value):
            yield f"{column} {value!r} is not what the column takes"
        elif FORMULA.match(value):
            yield f"{column} {value!r} begins like a formula"
        elif column == "Tax Code" and value and value not in tax_codes:
            yield f"{column} {value} is none of the company's"
