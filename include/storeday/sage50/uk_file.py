"""Rows into the bytes of Sage 50 UK's audit trail import.

ASCII, no BOM, CRLF, header, 15 columns, final line end. Source: sage50-uk reference, 1.10.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from storeday.model.derivation import Change, Derivation, Derived
from storeday.model.money import minor_of, plain
from storeday.model.postings import LINE_COLUMNS
from storeday.sage50.rows import HEADER, Row

USER: Final = "STOREDAY"
"""Who posted, in Sage's User Name column."""

_DIRECTION = ("role", "net_minor", "tax_minor")  # sales and credits, debits and credits: by the sign

TRANSACTIONS_FROM: Final = Derivation(
    (
        Derived("Type", _DIRECTION, "the row's kind under the company's profile"),
        Derived("Account Reference", ("account", *_DIRECTION), "bank nominal, customer or takings customer"),
        Derived("Nominal A/C Ref", ("nominal", "role"), "as it is; till control and sales tax by the settings"),
        Derived("Department Code", ("department",), "as it is", Change.SAME),
        Derived("Date", ("trading_day",), "the trading day, or the first open day after a lock date"),
        Derived("Reference", ("store", "trading_day", "role"), "store, day and number of the batch; -T off the return"),
        Derived("Details", ("store", "trading_day", "detail", *_DIRECTION), "in words, cut to 60 characters"),
        Derived("Net Amount", _DIRECTION, "wanted less delivered, without its sign", Change.SUMMED),
        Derived("Tax Code", ("tax_code", "role"), "as it is; T9 of the till control's own rows"),
        Derived("Tax Amount", ("tax_minor", *_DIRECTION), "wanted less delivered, without its sign", Change.SUMMED),
        Derived("Exchange Rate", (), "1: the base currency"),
        Derived("Extra Reference", LINE_COLUMNS, "the batch: a digest of all its rows"),
        Derived("User Name", (), "STOREDAY"),
        Derived("Project Refn", (), "empty"),
        Derived("Cost Code Refn", (), "empty"),
    ),
    steered_by=("role", "net_minor", "tax_minor"),  # which rows a line makes; one of nothing makes none
)
"""Where a transactions file comes from: posting lines, by the column. A line is staged where it is not delivered."""


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
