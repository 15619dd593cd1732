"""Rows into the bytes of Sage 50 UK's audit trail import.

ASCII, no BOM, CRLF, header, 15 columns, final line end. Source: sage50-uk reference, 1.10.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from storeday.model.money import minor_of, plain
from storeday.sage50.rows import HEADER, Row

USER: Final = "STOREDAY"
"""Who posted, in Sage's User Name column."""


def transactions_csv(rows: Iterable[Row], batch: str) -> bytes:
    """The file; ``batch`` becomes each row's Extra Reference.

    Raises: UnicodeEncodeError where a text is not ASCII, which is a fault of ours.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(HEADER)
    writer.writerows(_fields(row, batch) for row in rows)
    return text.getvalue().encode("ascii")


def rows_in(content: bytes) -> list[tuple[int, Row]]:
    """The rows of a file that we wrote, each with its line (the header is line 1)."""
    written = csv.DictReader(io.StringIO(content.decode("ascii"), newline=""))
    return [
        (
            line,
            Row(
                type=said["Type"],
                account=said["Account Reference"],
                nominal=said["Nominal A/C Ref"],
                department=int(said["Department Code"]),
                date=datetime.strptime(said["Date"], "%d/%m/%Y").date(),
                reference=said["Reference"],
                details=said["Details"],
                net_minor=minor_of(said["Net Amount"]),
                tax_code=said["Tax Code"],
                tax_minor=minor_of(said["Tax Amount"]),
            ),
        )
        for line, said in enumerate(written, start=2)
    ]


def _fields(row: Row, batch: str) -> list[str]:
    return [
        row.type,
        row.account,
        row.nominal,
        str(row.department),
        f"{row.date:%d/%m/%Y}",
        row.reference,
        row.details,
        plain(row.net_minor),
        row.tax_code,
        plain(row.tax_minor),
        "1",  # exchange rate of the base currency
        batch,
        USER,
        "",
        "",
    ]
