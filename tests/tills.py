"""Tills for tests: receipts in a few words, written as files of the storeday-csv contract with valid markers.

>>> till = Till("S01")
>>> nine = till.slice("09:00", sale("12.60"), refund("2.40", tender="VISA"), z())
>>> nine.name, nine.gross
('S01_20261122T0900.csv', Decimal('10.20'))

Everything is worked out here with Decimal and Python's csv, and nothing with the product's own code.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

COLUMNS = (
    "record,store,till,receipt,line,at,kind,sku,description,category,quantity,unit_price,discount,gross,"
    "tax_class,tax,tender,amount,customer,original"
).split(",")
RATES = {"STD": 20, "RED": 5, "ZERO": 0, "OUT": 0, "IE23": 23, "IE135": Decimal("13.5")}
DAY = date(2026, 11, 22)
LONDON = ZoneInfo("Europe/London")

Row = dict[str, str]
Marker = dict[str, object]


@dataclass(frozen=True)
class Line:
    """One line of a receipt; its tax is what the class's rate gives, unless ``taxed`` says another."""

    gross: str
    tax_class: str = "STD"
    category: str = "GROCERY"
    sku: str = "10001"
    description: str = "Bread"
    discount: str = ""  # already taken off the gross
    taxed: str = ""
    quantity: str = "1"

    @property
    def unit_price(self) -> str:
        """The price of one before the discount, to the penny."""
        whole = abs(Decimal(self.gross)) + Decimal(self.discount or 0)
        return str((whole / Decimal(self.quantity)).quantize(Decimal("0.01"), ROUND_HALF_UP))

    @property
    def tax(self) -> Decimal:
        """Tax within the gross, half a penny up."""
        if self.taxed:
            return Decimal(self.taxed)
        rate = RATES.get(self.tax_class, 0)
        return (Decimal(self.gross) * rate / (100 + rate)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Rung:
    """What a till writes down at one moment: a receipt, its close (kind z), or a stock count. ``at`` is HH:MM."""

    kind: str
    lines: tuple[Line, ...] = ()
    tenders: tuple[tuple[str, str], ...] = ()
    customer: str = ""
    at: str = ""
    counted: tuple[tuple[str, str], ...] = ()  # of a z, by tender; empty where it is the cash that was taken
    taxed: str = ""  # of a receipt whose tax is not that of its lines
    original: str = ""


def sale(
    *lines: str | Line,
    tax_class: str = "STD",
    category: str = "GROCERY",
    sku: str = "10001",
    tender: str | dict[str, str] = "CASH",
    customer: str = "",
    at: str = "",
    kind: str = "sale",
    taxed: str = "",
    original: str = "",
) -> Rung:
    """A sale of some lines, each an amount or a Line, paid with one tender or several (amounts by tender), or none."""
    made = tuple(
        line if isinstance(line, Line) else Line(line, tax_class=tax_class, category=category, sku=sku)
        for line in lines
    )
    whole = str(sum((Decimal(line.gross) for line in made), Decimal("0.00")))
    paid = tuple((tender if isinstance(tender, dict) else {tender: whole}).items())
    return Rung(kind, made, paid, customer, at, taxed=taxed, original=original)


def refund(amount: str, *, tax_class: str = "STD", tender: str = "CASH", at: str = "") -> Rung:
    """A refund of a positive amount; its rows carry it below zero."""
    return sale(f"-{amount}", tax_class=tax_class, tender=tender, at=at, kind="refund")


def count(sku: str, quantity: str, *, at: str = "") -> Rung:
    """So much of a SKU was counted in the store."""
    return Rung("count", (Line("0.00", sku=sku, quantity=quantity),), at=at)


def no_money(kind: str = "void") -> Rung:
    """A receipt that only counts in the sequence: void, training, no_sale."""
    return Rung(kind)


def z(*, counted: str | dict[str, str] = "", at: str = "") -> Rung:
    """The till's close over everything since the last one; ``counted`` is the cash, or an amount by tender."""
    by_tender = {"CASH": counted} if isinstance(counted, str) else counted
    return Rung("z", counted=tuple((tender, amount) for tender, amount in by_tender.items() if amount), at=at)


class Till:
    """One till: it keeps its running numbers and what it took since its last Z."""

    def __init__(self, store: str, code: str = "01", *, first: int = 1, first_z: int = 1, day: date = DAY) -> None:
        self.store, self.code, self.day = store, code, day
        self.number, self.z_number = first, first_z
        self._open: list[Row] = []  # rows since the last Z

    def slice(self, start: str, *rungs: Rung) -> Slice:
        """The file of the slice that starts at HH:MM local time; the rungs a minute after each other."""
        begins = datetime.combine(self.day, time.fromisoformat(start))
        rows: list[Row] = []
        for minute, rung in enumerate(rungs):
            moment = datetime.combine(self.day, time.fromisoformat(rung.at)) if rung.at else None
            at = (moment or begins + timedelta(minutes=minute)).replace(tzinfo=LONDON).isoformat()
            rows += {"z": self._close, "count": self._count}.get(rung.kind, self._receipt)(rung, at)
        return Slice(self.store, begins, tuple(rows))

    def skip(self, numbers: int = 1) -> Till:
        """Use up numbers that no file will hold."""
        self.number += numbers
        return self

    def _receipt(self, rung: Rung, at: str) -> list[Row]:
        receipt = f"{self.number:06d}"
        gross, tax = sum(Decimal(line.gross) for line in rung.lines), sum(line.tax for line in rung.lines)
        tax = Decimal(rung.taxed) if rung.taxed else tax
        rows = [
            self._row(
                "RECEIPT",
                receipt,
                at=at,
                kind=rung.kind,
                gross=f"{gross:.2f}",
                tax=f"{tax:.2f}",
                customer=rung.customer,
                original=rung.original,
            )
        ]
        for number, line in enumerate(rung.lines, start=1):
            below_zero = line.gross.startswith("-")
            rows.append(
                self._row(
                    "LINE",
                    receipt,
                    line=str(number),
                    sku=line.sku,
                    description=line.description,
                    category=line.category,
                    quantity=f"-{line.quantity}" if below_zero else line.quantity,
                    unit_price=line.unit_price,
                    discount=line.discount,
                    gross=line.gross,
                    tax_class=line.tax_class,
                    tax=str(line.tax),
                )
            )
        for number, (tender, amount) in enumerate(rung.tenders, start=1):
            rows.append(self._row("TENDER", receipt, line=str(number), tender=tender, amount=amount))
        self.number += 1
        self._open += rows
        return rows

    def _count(self, rung: Rung, at: str) -> list[Row]:
        cells = {"record": "COUNT", "store": self.store, "at": at, "sku": rung.lines[0].sku}
        return [{name: {**cells, "quantity": rung.lines[0].quantity}.get(name, "") for name in COLUMNS}]

    def _close(self, rung: Rung, at: str) -> list[Row]:
        number, receipts = f"{self.z_number:04d}", [row for row in self._open if row["record"] == "RECEIPT"]
        gross, tax = (sum((Decimal(row[name]) for row in receipts), Decimal("0.00")) for name in ("gross", "tax"))
        taken = sum((Decimal(row["amount"]) for row in self._open if row["tender"] == "CASH"), Decimal("0.00"))
        self.z_number += 1
        self._open = []
        return [
            self._row("Z", number, at=at, gross=str(gross), tax=str(tax), quantity=str(len(receipts))),
            *(
                self._row("ZTENDER", number, tender=tender, amount=amount)
                for tender, amount in rung.counted or (("CASH", str(taken)),)
            ),
        ]

    def _row(self, record: str, receipt: str, **cells: str) -> Row:
        filled = {"record": record, "store": self.store, "till": self.code, "receipt": receipt, **cells}
        return {name: filled.get(name, "") for name in COLUMNS}


@dataclass(frozen=True)
class Slice:
    """One file of a store before it is written."""

    store: str
    start: datetime
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.store}_{self.start:%Y%m%dT%H%M}.csv"

    @property
    def gross(self) -> Decimal:
        """What its receipts come to; an amount that is none counts as nothing."""
        said = (row["gross"] for row in self.rows if row["record"] == "RECEIPT")
        return sum((Decimal(text) for text in said if re.fullmatch(r"-?[0-9]+\.[0-9]{2}", text)), Decimal("0.00"))

    @property
    def content(self) -> bytes:
        """The file's bytes: UTF-8, LF, quotes where they are needed."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()

    def marker(self, content: bytes, **said: object) -> Marker:
        """What belongs beside the file, with ``said`` in place of what is true."""
        receipts = sum(row["record"] == "RECEIPT" for row in self.rows)
        return {
            "file": self.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "records": len(self.rows),
            "receipts": receipts,
            "gross": str(self.gross),
            **said,
        }

    def changed(self, record: str, nth: int = 0, /, **cells: str) -> Slice:
        """The same file with other cells in the nth row of a record."""
        place = [at for at, row in enumerate(self.rows) if row["record"] == record][nth]
        rows = [{**row, **cells} if at == place else row for at, row in enumerate(self.rows)]
        return replace(self, rows=tuple(rows))

    def without(self, receipt: str) -> Slice:
        """The same file without one receipt."""
        rows = [row for row in self.rows if row["record"] in ("Z", "ZTENDER") or row["receipt"] != receipt]
        return replace(self, rows=tuple(rows))

    def at(self, start: str) -> Slice:
        """The same rows in a file of another slice."""
        return replace(self, start=datetime.combine(self.start.date(), time.fromisoformat(start)))


def marker_name(name: str) -> str:
    """The marker's name beside a file's."""
    return name.rpartition(".")[0] + ".ok"


def as_json(marker: Marker) -> bytes:
    """A marker's bytes."""
    return json.dumps(marker).encode()
