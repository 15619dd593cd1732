"""What files hold of each trading day: their canonical pieces, and the running numbers of their tills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from storeday.config.places import Places
from storeday.feeds.base import ReadTogether
from storeday.feeds.pieces import DayOfFiles, bundle_of, split_by_day, write_pieces
from storeday.ledger.facts import FileDay, TillDay
from storeday.model.guarantees import Guarantees
from storeday.model.sums import Ints, sum_by


def keep_pieces(
    places: Places,
    store: str,
    digests: Sequence[str],
    read: ReadTogether,
    guarantees: Guarantees,
    *,
    anew: bool = True,
) -> list[tuple[FileDay, ...]]:
    """Write the canonical pieces of files; what each of them holds of each trading day, oldest first.

    Not ``anew``: only those that are not there.
    """
    days = split_by_day(read)
    write_pieces(places, store, digests, days, anew=anew)
    held: list[list[FileDay]] = [[] for _ in digests]
    for day in days:
        for file, of_day in _file_days(day, bundle_of(digests), len(digests), guarantees).items():
            held[file].append(of_day)
    return [tuple(of_file) for of_file in held]


def _file_days(day: DayOfFiles, bundle: str, files: int, guarantees: Guarantees) -> dict[int, FileDay]:
    """By the number of the file what it holds of a day, for those that hold anything of it."""
    rows = {name: np.bincount(file, minlength=files).tolist() for name, file in day.file.items()}
    gross = sum_by(day.file["receipts"], day.tables.receipts.column("gross_minor").to_numpy(), files).tolist()
    tills = _till_days(day, guarantees)
    found = {}
    for file in range(files):
        if filled := tuple(name for name in rows if rows[name][file]):
            found[file] = FileDay(
                trading_day=day.trading_day,
                receipts=rows["receipts"][file],
                gross_minor=gross[file],
                tables=filled,
                tills=tuple(tills.get(file, ())),
                bundle=bundle,
            )
    return found


class _End(NamedTuple):
    """A till's first and last number in a file, and when the last was."""

    first: str
    last: str
    at: datetime


def _till_days(day: DayOfFiles, guarantees: Guarantees) -> dict[int, list[TillDay]]:
    """By file each till's first and last numbers, by time and then by line; of receipts that run in sequence only."""
    receipts = _ends(day.tables.receipts, day.file["receipts"], "receipt")
    closes = _ends(day.tables.z, day.file["z"], "z")
    found: dict[int, list[TillDay]] = {}
    for file, till in sorted({*receipts, *closes}):
        mine, zs = receipts.get((file, till)), closes.get((file, till))
        found.setdefault(file, []).append(
            TillDay(
                till=till,
                first_receipt=mine.first if mine and guarantees.sequence else None,
                last_receipt=mine.last if mine and guarantees.sequence else None,
                last_z=zs.last if zs else None,
                last_at=max(end.at for end in (mine, zs) if end),
            )
        )
    return found


def _ends(table: pa.Table, file: Ints, number: str) -> dict[tuple[int, str], _End]:
    """By file and till: the first and the last number, and when the last was."""
    if not table.num_rows:
        return {}
    tills = table.column("till").combine_chunks()
    group = file * len(tills.dictionary) + tills.indices.to_numpy()
    at = table.column("at").cast(pa.int64()).to_numpy()
    order = np.lexsort((table.column("file_line").to_numpy(), at, group))
    is_first = np.diff(group[order], prepend=-1) != 0
    is_last = np.append(is_first[1:], True)
    said = table.select(["till", number, "at"])
    firsts, lasts = (said.take(pa.array(order[chosen])).to_pylist() for chosen in (is_first, is_last))
    return {
        (of_file, last["till"]): _End(first[number], last[number], last["at"].replace(tzinfo=None))
        for of_file, first, last in zip(file[order[is_first]].tolist(), firsts, lasts, strict=True)
    }
