"""Stock lines into the rows and bytes of Sage 50 UK's stock transactions import.

8 columns, ASCII, no BOM, CRLF, header, final line end. A quantity is never negative: the type carries the
direction. Cost and sales price stay empty, since the tills don't know the first and Sage has the second.
Source: sage50-uk reference, 2.4 and 1.10.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from storeday.config.settings import Store
from storeday.config.stock import StockSettings
from storeday.model.derivation import Change, Derivation, Derived
from storeday.model.money import minor_of, plain
from storeday.model.stock import BookLine, Movement, StockKey, StockLines
from storeday.sage50.plain_text import ascii_text

STOCK_HEADER: Final = "Transaction Type,Stock Code,Date,Reference,Details,Quantity,Cost Price,Sales Price".split(",")
"""The 8 columns. Source: sage50-uk reference, 2.4."""

WORDS: Final = {Movement.SOLD: "Sold", Movement.RETURNED: "Returned", Movement.COUNTED: "Count"}
"""What a row stands for, in its Details; of a correction the type says the direction."""

_MOVED = ("sold_milli", "returned_milli", "adjusted_hundredths")

STOCK_FROM: Final = Derivation(
    (
        Derived("Transaction Type", _MOVED, "goods out, goods in or an adjustment, by movement and sign"),
        Derived("Stock Code", ("code",), "as it is", Change.SAME),
        Derived("Date", ("trading_day",), "the trading day, or the first open day after a lock date"),
        Derived("Reference", BookLine._fields, "the batch: a digest of all its rows"),
        Derived("Details", ("trading_day", *_MOVED), "in words, cut to 60 characters"),
        Derived("Quantity", _MOVED, "wanted less delivered, without its sign, two decimals", Change.SUMMED),
        Derived("Cost Price", (), "empty: the tills don't know it"),
        Derived("Sales Price", (), "empty: Sage has it"),
    ),
    steered_by=("code", "trading_day", *_MOVED),
)
"""Where a stock file comes from: the stock book, by the column. A movement is staged where it is not delivered."""


class StockRow(NamedTuple):
    """One row of the file but its reference; the quantity in hundredths, above nothing."""

    type: str
    code: str
    date: date
    details: str
    quantity_hundredths: int


@dataclass(frozen=True)
class StagedStock:
    """One store-day of a batch of stock: the lines still to be staged and how they are called."""

    settings: StockSettings
    store: Store
    trading_day: date
    posted_on: date  # the trading day, or the first open day where the company posts locked days there
    revision: int  # 1 for a store-day's first batch of stock
    lines: StockLines

    @property
    def rows(self) -> list[StockRow]:
        """The rows, in order of stock code and movement."""
        return [self._row(key, moved) for key, moved in self.lines.items()]

    def _row(self, key: StockKey, moved: int) -> StockRow:
        again = f"Correction {self.revision - 1}: " if self.revision > 1 else ""
        what = _words(key.movement, moved) if not again else WORDS[key.movement]
        words = f"{again}{what} {self.store.code} {self.trading_day:%d/%m/%Y} {self.store.name}"
        kind = _type(key.movement, moved, self.settings.returned)
        return StockRow(kind, key.code, self.posted_on, ascii_text(words, 60), abs(moved))


def stock_csv(rows: Iterable[StockRow], batch: str) -> bytes:
    """The file; the first 8 of ``batch`` become each row's Reference.

    Raises: UnicodeEncodeError where a text is not ASCII, which is a fault of ours.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(STOCK_HEADER)
    writer.writerows(
        [row.type, row.code, f"{row.date:%d/%m/%Y}", batch[:8], row.details, plain(row.quantity_hundredths), "", ""]
        for row in rows
    )
    return text.getvalue().encode("ascii")


def stock_lines_in(content: bytes) -> dict[str, StockLines]:
    """The stock lines of a file that we wrote, by store: the other way of stock_csv.

    Raises: ValueError naming the line whose Details are none of ours.
    """
    found: dict[str, StockLines] = {}
    for line, said in enumerate(csv.DictReader(io.StringIO(content.decode("ascii"), newline="")), start=2):
        words = said["Details"].partition(": ")[2] if said["Details"].startswith("Correction ") else said["Details"]
        if (wrote := _DETAILS.match(words)) is None:
            raise ValueError(f"line {line}: {said['Details']!r} is no row of ours")
        moved = minor_of(said["Quantity"])
        key = StockKey(said["Stock Code"], _MOVEMENTS[wrote["what"]])
        lines = found.setdefault(wrote["store"], {})
        lines[key] = lines.get(key, 0) + (-moved if said["Transaction Type"] in _OUT else moved)
    return found


_MOVEMENTS: Final = {word: movement for movement, word in WORDS.items()}
_OUT: Final = frozenset({"GO", "AO"})
_DETAILS: Final = re.compile(rf"(?P<what>{'|'.join(WORDS.values())})( over| short)? (?P<store>\S+) ")


def _type(movement: Movement, moved: int, returned: str) -> str:
    if movement is Movement.COUNTED:
        return "AI" if moved > 0 else "AO"
    if moved < 0:
        return "GO"
    return returned if movement is Movement.RETURNED else "GI"


def _words(movement: Movement, moved: int) -> str:
    if movement is Movement.COUNTED:
        return f"{WORDS[movement]} {'over' if moved > 0 else 'short'}"
    return WORDS[movement]
