"""The floor: the SHA-256 of every till file, pyarrow's reading of it, and one group-by. Nothing of storeday's.

Money is read as decimals, so that sums are exact; all other columns as text, as they stand in the file. One store at a
time, so that memory does not grow with the chain.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

COLUMNS = (
    "record,store,till,receipt,line,at,kind,sku,description,category,quantity,unit_price,discount,gross,"
    "tax_class,tax,tender,amount,customer,original"
).split(",")
MONEY = {"unit_price", "discount", "gross", "tax", "amount"}
TYPES = csv.ConvertOptions(
    column_types={name: pa.decimal128(18, 2) if name in MONEY else pa.string() for name in COLUMNS}
)


@dataclass
class Read:
    """What was read of the whole chain; money in minor units."""

    files: int = 0
    bytes: int = 0
    receipts: int = 0
    gross_minor: int = 0
    digests: int = 0  # of different files


def read_all(sources: Path) -> Read:
    """Read every store's files below a folder."""
    found, digests = Read(), set()
    for store in sorted(path for path in sources.iterdir() if path.is_dir()):
        tables = []
        for file in sorted(store.glob("*.csv")):
            content = file.read_bytes()
            digests.add(hashlib.sha256(content).digest())
            tables.append(csv.read_csv(pa.py_buffer(content), convert_options=TYPES))
            found.files, found.bytes = found.files + 1, found.bytes + len(content)
        by = ["record", "category", "tax_class", "tender"]
        sums = (
            pa.concat_tables(tables)
            .group_by(by)
            .aggregate([("gross", "sum"), ("tax", "sum"), ("amount", "sum"), ("record", "count")])
        )
        receipts = sums.filter(pc.equal(sums["record"], "RECEIPT"))
        found.receipts += pc.sum(receipts["record_count"]).as_py()
        found.gross_minor += int(pc.sum(receipts["gross_sum"]).as_py() * 100)
    found.digests = len(digests)
    return found
