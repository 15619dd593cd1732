"""The way of a figure as a picture: a trace's findings as boxes in five columns, from the tills' files to Sage's rows.

A box stands for one file, one receipt or many, one store-day, one batch, one row or many; an arrow for "went into".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from storeday.model.money import minor_of, plain

if TYPE_CHECKING:
    from storeday.stages.trace import Found

COLUMNS: Final = ("Tills' files", "Receipts", "Store-day", "Batch", "Rows in Sage")
ROWS_SHOWN: Final = 24
"""How many rows of a file for Sage stand in boxes of their own; more are one box a store-day."""
WIDTH, HEIGHT, GAP, BETWEEN, TOP = 196, 46, 10, 44, 30
"""A box, the space below it and beside it, and what the columns' names take: in the picture's units."""


@dataclass(frozen=True)
class Box:
    """One box: its column, what it says in two lines, what it leads to, and whether it was asked for."""

    column: int
    title: str
    said: str
    link: tuple[str, str, str] | None = None  # route, and two words for it
    is_asked: bool = False
    x: int = 0
    y: int = 0


@dataclass
class Way:
    """The boxes by key, and the arrows between keys."""

    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: set[tuple[str, str]] = field(default_factory=set)

    def add(self, key: str, box: Box) -> str:
        """Put a box there, unless it is; its key."""
        self.boxes.setdefault(key, box)
        return key

    def join(self, *keys: str) -> None:
        """Arrows from each to the next."""
        self.arrows |= {(one, next_) for one, next_ in pairwise(keys) if one != next_}


@dataclass(frozen=True)
class Picture:
    """A way laid out."""

    width: int
    height: int
    heads: tuple[tuple[int, str], ...]  # where each column's name stands
    boxes: tuple[Box, ...]
    paths: tuple[str, ...]  # of the arrows, as SVG writes them


def way_of(found: list[Found]) -> Way:
    """What a trace found, as boxes and arrows."""
    way = Way()
    rows = sum(below.kind == "row" for root in found for day in (root, *root.below) for below in day.below)
    for root in found:
        if root.kind == "store-day":
            _add_day(way, root, rows, is_asked=True)
        elif root.kind == "receipt":
            receipt = way.add(f"receipt {root.words}", _receipt_box(root, is_asked=True))
            _add_below(way, root, rows, receipt)
        else:
            _add_below(way, root, rows, None)
    return way


def _add_below(way: Way, root: Found, rows: int, receipt: str | None) -> None:
    """The store-days and files below a receipt, a file or a batch."""
    own = [_file(way, below) for below in root.below if below.kind == "file"]
    if root.kind == "file":
        own = [_file(way, root, is_asked=True)]
    for file in own if receipt else ():
        way.join(file, str(receipt))
    for day in root.below:
        if day.kind == "store-day":
            _add_day(way, day, rows, receipt=receipt, file=own[0] if root.kind == "file" else None)
    if root.kind == "batch":
        key = f"batch {root.facts['batch']}"
        if key in way.boxes:
            way.boxes[key] = _batch_box(root, is_asked=True)


def _add_day(
    way: Way, day: Found, rows: int, *, receipt: str | None = None, file: str | None = None, is_asked: bool = False
) -> None:
    """A store-day in a batch, with what it came from and what it became."""
    facts = day.facts
    key, batch = f"day {facts['store']} {facts['trading_day']} {facts['batch']}", f"batch {facts['batch']}"
    again = f", correction {int(str(facts['revision'])) - 1}" if facts["revision"] != 1 else ""
    title = f"{facts['store']} {_day(facts['trading_day'])}{again}"
    link = ("store_day", str(facts["store"]), str(facts["trading_day"]))
    way.add(key, Box(2, title, f"{facts['new_receipts']} receipts new in it", link, is_asked))
    way.add(batch, _batch_box(day))
    way.join(key, batch)
    if receipt:
        way.join(receipt, key)
    else:
        _add_receipts(way, day, key, file)
    _add_rows(way, day, batch, rows)


def _add_receipts(way: Way, day: Found, key: str, file: str | None) -> None:
    """The receipts that are new in a batch, a box a file where they are known by file, else one for all."""
    receipts = [below for below in day.below if below.kind == "receipt"]
    files = {below.facts["name"]: below for below in day.below if below.kind == "file"}
    if not receipts:
        title = f"{day.facts['new_receipts']} receipts"
        together = way.add(f"receipts of {key}", Box(1, title, str(day.facts["new_gross"])))
        for one in [file] if file else [_file(way, below) for below in files.values()]:
            way.join(str(one), together)
        way.join(together, key)
        return
    for name in dict.fromkeys(str(receipt.facts["file"]) for receipt in receipts):
        mine = [receipt for receipt in receipts if receipt.facts["file"] == name]
        gross = sum(minor_of(str(receipt.facts["gross"])) for receipt in mine)
        title = f"{len(mine)} receipt{'s' if len(mine) > 1 else ''}"
        box = way.add(f"receipts of {name} {key}", Box(1, title, plain(gross)))
        if name in files:
            way.join(_file(way, files[name]), box)
        way.join(box, key)


def _add_rows(way: Way, day: Found, batch: str, rows: int) -> None:
    mine = [below for below in day.below if below.kind == "row"]
    if rows > ROWS_SHOWN:
        title = f"{len(mine)} rows of {day.facts['store']}"
        lines = f"lines {mine[0].facts['line']} to {mine[-1].facts['line']}" if mine else ""
        way.join(batch, way.add(f"rows of {day.words}", Box(4, title, lines)))
        return
    for row in mine:
        facts = row.facts
        said = f"net {facts['net']} tax {facts['tax']} {facts['tax_code']}"
        title = f"{facts['type']} {facts['nominal']} · line {facts['line']}"
        way.join(batch, way.add(f"row {batch} {facts['file']} {facts['line']}", Box(4, title, said)))


def _file(way: Way, file: Found, *, is_asked: bool = False) -> str:
    box = Box(0, str(file.facts["name"]), f"{file.facts['receipts']} receipts, {file.facts['gross']}", None, is_asked)
    return way.add(f"file {file.facts['sha256']}", box)


def _batch_box(found: Found, *, is_asked: bool = False) -> Box:
    batch, state = str(found.facts["batch"]), found.facts.get("batch_state") or found.facts["state"]
    return Box(3, batch, str(state), ("sheet", batch, ""), is_asked)


def _receipt_box(receipt: Found, *, is_asked: bool) -> Box:
    facts = receipt.facts
    title = f"till {facts['till']} receipt {facts['receipt']}"
    return Box(1, title, f"{facts['kind_of_receipt']} {facts['gross']} · line {facts['line']}", None, is_asked)


def _day(said: object) -> str:
    day = date.fromisoformat(str(said))
    return f"{day.day} {day:%b %Y}"


def picture_of(way: Way) -> Picture:
    """The boxes placed, each column from the top in the order of finding, and the arrows between them."""
    placed: dict[str, Box] = {}
    filled = [0] * len(COLUMNS)
    for key, box in way.boxes.items():
        x, y = box.column * (WIDTH + BETWEEN), TOP + filled[box.column] * (HEIGHT + GAP)
        placed[key] = Box(box.column, box.title, box.said, box.link, box.is_asked, x, y)
        filled[box.column] += 1
    return Picture(
        width=len(COLUMNS) * (WIDTH + BETWEEN) - BETWEEN,
        height=TOP + max(filled) * (HEIGHT + GAP),
        heads=tuple((column * (WIDTH + BETWEEN), name) for column, name in enumerate(COLUMNS)),
        boxes=tuple(placed.values()),
        paths=tuple(_path(placed[one], placed[other]) for one, other in sorted(way.arrows)),
    )


def _path(one: Box, other: Box) -> str:
    """A curve from the right edge of one box to the left edge of another."""
    x1, y1, x2, y2 = one.x + WIDTH, one.y + HEIGHT // 2, other.x, other.y + HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
