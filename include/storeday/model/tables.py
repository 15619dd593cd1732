"""The canonical tables: what every feed turns a till's file into.

One set of tables a file and trading day, kept as Parquet with those of other files of one visit under
``canonical/{store}/{trading_day}/{table}/{bundle}.parquet``. Money is whole minor units (pence, cents)
in 64-bit integers, quantities are thousandths, times are UTC, ``file_line`` is the line of the file as
received (the header is line 1). Codes are dictionary-encoded text.

Signs: ``gross_minor`` includes tax and is after ``discount_minor``, which is positive and already taken
off. On a refund quantity, gross, tax and tender amounts are negative. ``amount_minor`` of a tender is net
of change. Source: docs/feeds/storeday-csv.md.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import pyarrow as pa

CODE: Final = pa.dictionary(pa.int32(), pa.string())
UTC: Final = pa.timestamp("us", tz="UTC")

RECEIPTS: Final = pa.schema(
    [
        ("till", CODE),
        ("receipt", CODE),  # the till's own running number, leading zeros kept
        ("trading_day", pa.date32()),
        ("at", UTC),
        ("kind", CODE),  # one of KINDS
        ("gross_minor", pa.int64()),
        ("tax_minor", pa.int64()),
        ("customer", pa.string()),
        ("original", pa.string()),  # of a refund: the receipt it returns goods of
        ("file_line", pa.int32()),
    ]
)
LINES: Final = pa.schema(
    [
        ("till", CODE),
        ("receipt", CODE),
        ("trading_day", pa.date32()),
        ("line", pa.int32()),
        ("sku", CODE),
        ("description", CODE),
        ("category", CODE),
        ("quantity_milli", pa.int64()),
        ("unit_price_minor", pa.int64()),
        ("discount_minor", pa.int64()),
        ("gross_minor", pa.int64()),
        ("tax_class", CODE),
        ("tax_minor", pa.int64()),
        ("file_line", pa.int32()),
    ]
)
TENDERS: Final = pa.schema(
    [
        ("till", CODE),
        ("receipt", CODE),
        ("trading_day", pa.date32()),
        ("line", pa.int32()),
        ("tender", CODE),
        ("amount_minor", pa.int64()),
        ("file_line", pa.int32()),
    ]
)
Z: Final = pa.schema(
    [
        ("till", CODE),
        ("z", CODE),  # the Z number
        ("trading_day", pa.date32()),
        ("at", UTC),
        ("gross_minor", pa.int64()),
        ("tax_minor", pa.int64()),
        ("receipts", pa.int64()),  # since the last Z, those without money too
        ("file_line", pa.int32()),
    ]
)
ZTENDERS: Final = pa.schema(
    [
        ("till", CODE),
        ("z", CODE),
        ("trading_day", pa.date32()),
        ("tender", CODE),
        ("counted_minor", pa.int64()),
        ("file_line", pa.int32()),
    ]
)
COUNTS: Final = pa.schema(
    [
        ("trading_day", pa.date32()),
        ("at", UTC),
        ("sku", CODE),
        ("quantity_milli", pa.int64()),
        ("file_line", pa.int32()),
    ]
)

RECEIPT_LOG: Final = pa.schema(
    [
        ("till", pa.string()),
        ("receipt", pa.string()),
        ("at", UTC),
        ("kind", pa.string()),
        ("gross_minor", pa.int64()),
        ("tax_minor", pa.int64()),
        ("customer", pa.string()),
        ("checksum", pa.uint64()),  # of all that the tills say of the receipt, its lines and tenders with it
        ("file", pa.string()),  # SHA-256 of the file it came in
        ("file_line", pa.int32()),
    ]
)
"""One row a receipt of a store-day that is posted, each once."""

SALE: Final = "sale"
REFUND: Final = "refund"
KINDS: Final = (SALE, REFUND, "void", "training", "no_sale")
"""Kinds of a receipt; only a sale and a refund carry money, the others count in the till's sequence."""


@dataclass(frozen=True)
class Tables:
    """The six canonical tables of one file, of one trading day of it, or of a whole store-day."""

    receipts: pa.Table
    lines: pa.Table
    tenders: pa.Table
    z: pa.Table
    ztenders: pa.Table
    counts: pa.Table

    def items(self) -> list[tuple[str, pa.Table]]:
        """The tables with their names, in a fixed order."""
        return [(field.name, getattr(self, field.name)) for field in fields(self)]


SCHEMAS: Final[dict[str, pa.Schema]] = {
    "receipts": RECEIPTS,
    "lines": LINES,
    "tenders": TENDERS,
    "z": Z,
    "ztenders": ZTENDERS,
    "counts": COUNTS,
}


FILE: Final = pa.field("file", CODE)
"""Added when a store-day is put together: the digest of the file that a row came from."""

RECEIPT_ROW: Final = pa.field("receipt_row", pa.int32())
"""Added to lines and tenders: the row of the receipts table that they belong to."""


def empty_tables() -> Tables:
    """Six canonical tables without a row."""
    return Tables(**{name: schema.empty_table() for name, schema in SCHEMAS.items()})
