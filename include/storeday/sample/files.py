"""Files of a store's SFTP home: one CSV an hour with its marker beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from storeday.model.money import plain
from storeday.sample.layout import HEADER, Rows, file_rows
from storeday.sample.rolls import HOUR
from storeday.sample.text import hour_start
from storeday.sample.trading import Trade


@dataclass(frozen=True)
class _Slice:
    """One hour of a store-day: its file's name without suffix, its rows, and what the marker says of them."""

    name: str
    rows: memoryview
    records: int
    receipts: int
    gross_minor: int


def write_files(trade: Trade, home: Path) -> None:
    """The files of one store-day, each before its marker. Files of the same name are overwritten."""
    home.mkdir(parents=True, exist_ok=True)
    for part in _slices(trade, file_rows(trade)):
        csv = home / f"{part.name}.csv"
        with csv.open("wb") as file:
            file.write(HEADER)
            file.write(part.rows)
        sha256 = hashlib.sha256(HEADER)
        sha256.update(part.rows)
        marker = {
            "file": csv.name,
            "sha256": sha256.hexdigest(),
            "records": part.records,
            "receipts": part.receipts,
            "gross": plain(part.gross_minor),
        }
        csv.with_suffix(".ok").write_text(json.dumps(marker), encoding="utf-8")


def _slices(trade: Trade, rows: Rows) -> Iterator[_Slice]:
    """The hours that have rows. Rows lie in one buffer in their order, so a slice is a piece of it."""
    content = memoryview(rows.csv.buffers()[2])
    offsets = np.frombuffer(rows.csv.buffers()[1], np.int32)
    receipt_hour = trade.rolls.at // HOUR
    for hour in np.unique(rows.hour).tolist():
        first, end = np.searchsorted(rows.hour, [hour, hour + 1]).tolist()
        receipts = slice(*np.searchsorted(receipt_hour, [hour, hour + 1]).tolist())
        yield _Slice(
            name=f"{trade.store_day.code}_{hour_start(trade.store_day.day, hour):%Y%m%dT%H%M}",
            rows=content[offsets[first] : offsets[end]],
            records=end - first,
            receipts=receipts.stop - receipts.start,
            gross_minor=int(trade.gross_minor[receipts].sum()),
        )
