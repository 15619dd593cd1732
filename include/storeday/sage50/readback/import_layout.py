"""Sage's reports "Transaction CSV" and "Transaction CSV (Extended)": the columns of the audit trail import.

With a heading line in the template's words, in any order, or without one, in the import's order. The plain report ends
before Exchange Rate or Extra Reference; what it lacks it cannot show. Source: docs/reconcile.md, "Ways to read".
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from storeday.sage50.readback.texts import Columns, columns_of, first_cells
from storeday.sage50.readback.trail import Export, ReadbackRefused, Shows, Trail, trail_frame
from storeday.sage50.rows import HEADER

_NEEDED: Final = HEADER[:10]
_SHOWS: Final = frozenset({Shows.ACCOUNT, Shows.TAX_CODE, Shows.DEPARTMENT})


def read_import_layout(name: str, content: bytes) -> Trail:
    """The trail of a report in import layout. Raises: ReadbackRefused naming file, line and what to do."""
    headings, first_line = _headings(name, content)
    found = columns_of(name, content, headings, first_line)
    has_extra = "Extra Reference" in headings
    rows = trail_frame(
        {
            "line": found.lines,
            "type": found.text("Type"),
            "account": found.text("Account Reference"),
            "nominal": found.text("Nominal A/C Ref"),
            "department": found.whole("Department Code"),
            "date": found.day("Date"),
            "reference": found.text("Reference"),
            "details": found.text("Details"),
            "net_minor": found.minor("Net Amount"),
            "tax_code": found.text("Tax Code"),
            "tax_minor": found.minor("Tax Amount"),
            "is_deleted": pa.array([False] * len(found.table), pa.bool_()),
            **_more(found, has_extra=has_extra),
        }
    )
    shows = _SHOWS | {Shows.EXTRA_REFERENCE} if has_extra else _SHOWS
    return Trail(Export.IMPORT_LAYOUT, name, rows, frozenset(shows))


def _more(found: Columns, *, has_extra: bool) -> dict[str, pa.Array]:
    more = {"extra_reference": "Extra Reference"} if has_extra else {}
    more |= {"user": "User Name"} if "User Name" in found.table.column_names else {}
    return {column: found.text(heading) for column, heading in more.items()}


def _headings(name: str, content: bytes) -> tuple[list[str], int]:
    """What the columns are, and the line of the first row."""
    cells = first_cells(content)
    if cells and cells[0].lower() == "type":
        words = {heading.lower(): heading for heading in HEADER}
        headings = [words.get(cell.lower(), f"{number} {cell}") for number, cell in enumerate(cells, start=1)]
        missing = [heading for heading in _NEEDED if heading not in headings]
        if missing:
            raise ReadbackRefused(
                name,
                f"its headings lack {', '.join(missing)}.",
                1,
                'Export "Transaction CSV (Extended)", in the layout of the import.',
            )
        return headings, 2
    if cells and not len(_NEEDED) <= len(cells) <= len(HEADER):
        raise ReadbackRefused(
            name,
            f"it has {len(cells)} columns, and the layout of the import has {len(_NEEDED)} to {len(HEADER)}.",
            1,
            'Export "Transaction CSV (Extended)", in the layout of the import.',
        )
    return HEADER[: len(cells) or len(HEADER)], 1
