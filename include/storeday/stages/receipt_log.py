"""The receipt log: every receipt that a store-day posts, with its checksum and where it came from.

One Parquet file a version of a store-day, under its own SHA-256 and never changed; the ledger keeps that digest with
the store-day and with each batch that staged it. So what was in Sage by which batch can be told, and proven, receipt by
receipt. Source: docs/architecture.md, "The receipt log".
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from storeday.checks.duplicates import Once, checksums
from storeday.config.places import Places
from storeday.model.derivation import Change, Derivation, Derived
from storeday.model.errors import StoredayError
from storeday.model.storage import exists, read_bytes, write_whole
from storeday.model.tables import LINES, RECEIPT_LOG, RECEIPTS, TENDERS

_ALL_THAT_THE_TILLS_SAY: Final = tuple(
    f"{table}.{name}"
    for table, schema in (("receipts", RECEIPTS), ("lines", LINES), ("tenders", TENDERS))
    for name in schema.names
    if name != "file_line"
)

RECEIPT_LOG_FROM: Final = Derivation(
    (
        *(
            Derived(name, (f"receipts.{name}",), "as it is", Change.SAME)
            for name in RECEIPT_LOG.names
            if name not in {"checksum", "file"}
        ),
        Derived("checksum", _ALL_THAT_THE_TILLS_SAY, "a checksum of the receipt, its lines and its tenders"),
        Derived("file", (), "the SHA-256 of the landed file"),
    ),
    steered_by=("receipts.till", "receipts.receipt"),  # one that came twice stands once
)
"""Where the receipt log comes from: canonical tables, by the column."""


class LogChanged(StoredayError):
    """A receipt log is not what was written: somebody changed or lost it."""


def write_receipt_log(places: Places, store: str, day: date, once: Once) -> str:
    """Keep the log of a store-day's receipts; its SHA-256."""
    receipts = once.tables.receipts
    sums = pa.array(checksums(once.tables).view(np.uint64))
    table = pa.table(
        [sums if field.name == "checksum" else receipts.column(field.name).cast(field.type) for field in RECEIPT_LOG],
        schema=RECEIPT_LOG,
    )
    return _keep(places, store, day, table)


def write_empty_log(places: Places, store: str, day: date) -> str:
    """Keep the log of a store-day that posts no receipt, since it was rolled back; its SHA-256."""
    return _keep(places, store, day, RECEIPT_LOG.empty_table())


def _keep(places: Places, store: str, day: date, table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content = sink.getvalue().to_pybytes()
    digest = hashlib.sha256(content).hexdigest()
    if not exists(places.receipt_log(store, day, digest)):
        write_whole(places.receipt_log(store, day, digest), content)
    return digest


def read_receipt_log(places: Places, store: str, day: date, digest: str) -> pa.Table:
    """A log as it was written. Raises: LogChanged where its bytes are others, or it is gone."""
    try:
        content = read_bytes(places.receipt_log(store, day, digest))
    except FileNotFoundError:
        raise LogChanged(f"{store} {day.isoformat()}: the receipt log {digest[:12]} is gone") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise LogChanged(f"{store} {day.isoformat()}: the receipt log {digest[:12]} is not what was written")
    return pq.read_table(pa.BufferReader(content)).cast(RECEIPT_LOG)
