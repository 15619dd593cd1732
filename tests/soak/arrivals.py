"""How a sample's files reach the stores' folders in a bad quarter: what comes when, how often, and in what state.

Every file comes whole at last, under its own name and with its marker. Before or after that it may come cut off, with
its first receipts only, again, or under another name; its marker may be late; and its receipts may come once more in a
file over two slices.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

DAY_STARTS = timedelta(hours=4)


@dataclass(frozen=True)
class Arrival:
    """What is put into a store's folder in one go: a file, its marker, or the one and then the other."""

    store: str
    name: str
    kind: str  # whole, cut, first part, again, other name, joined, late marker
    content: bytes | None
    marker: bytes | None


@dataclass(frozen=True)
class SampleFile:
    """One slice of the sample as it was written."""

    store: str
    name: str
    content: bytes
    marker: bytes

    @property
    def start(self) -> datetime:
        """The start of its slice, local time, as its name says."""
        return datetime.strptime(self.name.partition("_")[2].partition(".")[0], "%Y%m%dT%H%M")

    @property
    def day(self) -> date:
        """Its trading day."""
        return (self.start - DAY_STARTS).date()

    def named(self, minutes: int) -> str:
        """A name for the same slice, so many minutes later."""
        return f"{self.store}_{self.start + timedelta(minutes=minutes):%Y%m%dT%H%M}.csv"


def files_in(sample: Path) -> dict[str, dict[date, list[SampleFile]]]:
    """The sample's files by store and trading day, in order of their slices."""
    found: dict[str, dict[date, list[SampleFile]]] = {}
    for path in sorted(sample.glob("*/*.csv")):
        store = path.parent.name
        file = SampleFile(store, path.name, path.read_bytes(), path.with_suffix(".ok").read_bytes())
        found.setdefault(store, {}).setdefault(file.day, []).append(file)
    return found


def plan(sample: Path, rounds: int, chance: random.Random) -> list[list[Arrival]]:
    """What comes in each round, in the order in which it comes; the same for the same seed."""
    planned: list[list[Arrival]] = [[] for _ in range(rounds)]
    for days in files_in(sample).values():
        for number, files in enumerate(days.values()):
            usual = number * rounds * 0.85 / len(days)
            begins = usual + chance.uniform(0, 2) + (chance.uniform(2, rounds / 3) if chance.random() < 0.08 else 0)
            for when, arrival in _of_day(files, begins, rounds, chance):
                planned[min(int(when), rounds - 1)].append(arrival)
    return planned


def _of_day(
    files: list[SampleFile], begins: float, rounds: int, chance: random.Random
) -> Iterator[tuple[float, Arrival]]:
    """One store-day's arrivals with the round of each; what must come in order has rounds in order."""
    in_order = sorted(files, key=lambda _: chance.random())
    for file in in_order:
        is_late = chance.random() < 0.06
        yield from _of_file(file, begins + (chance.uniform(1, rounds / 6) if is_late else chance.random()), chance)
    if len(files) > 1 and chance.random() < 0.2:
        at = chance.randrange(len(files) - 1)
        yield begins + chance.uniform(0, 4), joined(files[at], files[at + 1])


def _of_file(file: SampleFile, when: float, chance: random.Random) -> Iterator[tuple[float, Arrival]]:
    store, name = file.store, file.name
    if chance.random() < 0.03:
        yield when, Arrival(store, name, "cut", file.content[: len(file.content) * 2 // 3], file.marker)
        when += chance.uniform(1, 3)
    if chance.random() < 0.03 and (part := first_part(file)):
        yield when, part
        when += chance.uniform(1, 3)
    if chance.random() < 0.04:
        other = file.named(1)
        yield max(0.0, when + chance.uniform(-2, 3)), whole(store, other, "other name", file.content)
    if chance.random() < 0.05:
        yield when, Arrival(store, name, "whole", file.content, None)
        when += chance.uniform(1, 3)
        yield when, Arrival(store, name, "late marker", None, file.marker)
    else:
        yield when, Arrival(store, name, "whole", file.content, file.marker)
    if chance.random() < 0.05:
        yield when + chance.uniform(1, 4), Arrival(store, name, "again", file.content, file.marker)


def whole(store: str, name: str, kind: str, content: bytes) -> Arrival:
    """A file under a name, with a marker that is right for it."""
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    receipts = [row for row in rows if row["record"] == "RECEIPT"]
    said = {
        "file": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "records": len(rows),
        "receipts": len(receipts),
        "gross": str(sum((Decimal(row["gross"]) for row in receipts), Decimal("0.00"))),
    }
    return Arrival(store, name, kind, content, json.dumps(said).encode())


def first_part(file: SampleFile) -> Arrival | None:
    """The first half of a file's receipts under its name, complete by its marker; None of a file with one receipt."""
    header, *rows = file.content.splitlines(keepends=True)
    begins = [place for place, row in enumerate(rows) if row.startswith(b"RECEIPT,")]
    if len(begins) < 2:
        return None
    half = b"".join([header, *rows[: begins[len(begins) // 2]]])
    return whole(file.store, file.name, "first part", half)


def joined(first: SampleFile, second: SampleFile) -> Arrival:
    """Two slices in one file, beside them."""
    _, *more = second.content.splitlines(keepends=True)
    return whole(first.store, first.named(2), "joined", first.content + b"".join(more))
