"""What a mutated slice says of its receipts, read once more: plainly, row by row, and with nothing of the product.

For every feed the receipts that carry money: key, trading day and gross, with Python's csv, json and ElementTree and
with Decimal. How a till's figures are meant is taken from the feed's page in docs/feeds, not from its module. It is
strict where a plain reader can be: what two readers could read in two ways is Unreadable, and the product may not take
such a file in.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

Parts = dict[str, bytes]
Sold = set[tuple[str, date, int]]
"""Receipts: key, trading day, gross in minor units. A receipt told twice in the same words is one."""

Row = dict[str, str]
ENTITY = "{http://www.nrf-arts.org/IXRetail/namespace/}"
DTV = "{http://www.datavantagecorp.com/xstore/}"


class Unreadable(Exception):
    """The slice is not one that can be read in one way only."""


def receipts_of(feed: str, parts: Parts, zone: str) -> Sold:
    """The receipts that a slice says. Raises: Unreadable."""
    try:
        found = READERS[feed](parts, ZoneInfo(zone))
        return {(key, day, gross) for key, day, gross in found if gross}
    except (ValueError, ArithmeticError, LookupError, csv.Error, ElementTree.ParseError, OSError, EOFError) as error:
        raise Unreadable(repr(error)) from error


Said = Iterator[tuple[str, date, int]]


# Forms


def unpacked(content: bytes) -> bytes:
    """The bytes inside gzip or zip."""
    if content.startswith(b"\x1f\x8b"):
        return gzip.decompress(content)
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            inside = [each for each in packed.namelist() if not each.endswith("/") and "__MACOSX" not in each]
            (only,) = inside
            return packed.read(only)
    return content


def text_of(content: bytes) -> str:
    """The text of an export, in whichever of the encodings that people send."""
    content = unpacked(content)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if content.startswith(b"\xef\xbb\xbf"):
        return content[3:].decode("utf-8", "replace")  # a stray byte in a field that nobody reads is nobody's
    if len(content) > 3 and not any(content[1:200:2]) and all(content[:200:2]):
        return content.decode("utf-16-le")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def rows_of(content: bytes, key: str) -> list[Row]:
    """The rows of an export that has a column ``key``, by header."""
    text = text_of(content)
    for delimiter in ",;\t|":
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]
        if key in rows[0]:
            break
    header = rows[0]
    if any(len(row) != len(header) for row in rows) or header.count(key) != 1:
        raise Unreadable("rows of other widths")
    doubled = {name for name in header if header.count(name) > 1}
    return [{name: cell for name, cell in zip(header, row, strict=True) if name not in doubled} for row in rows[1:]]


AMOUNT = re.compile(r"\(?-?(?:[A-Z]{0,3}[$£€])?-?\s*([0-9.,'’\s]*[0-9])\)?")
MARKS = {
    ".": re.compile(r"([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?(\.[0-9]+)?"),
    ",": re.compile(r"([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)?(,[0-9]+)?"),
}


def minor(text: str, mark: str = ".") -> int:
    """An amount in pennies, exactly; ``mark`` is what parts its decimals."""
    return _whole(amount(text, mark) * 100)


def amount(text: str, mark: str = ".") -> Decimal:
    """An amount with all its decimals; an empty one is nothing."""
    if not text.strip():
        return Decimal(0)
    found = AMOUNT.fullmatch(text.strip())
    digits = re.sub(r"['’\s]", "", found[1]) if found else "?"
    if not MARKS[mark].fullmatch(digits):
        raise Unreadable(f"{text!r} is no amount")
    plain = Decimal(digits.replace("," if mark == "." else ".", "").replace(",", "."))
    return -plain if "-" in text or "(" in text else plain


def _whole(value: Decimal) -> int:
    if value != value.to_integral_value():
        raise Unreadable(f"{value} is not a whole number of pennies")
    return int(value)


def read_with_mark(rows: list[Row], columns: list[str], read: Callable[[str], list[Any]]) -> list[Any]:
    """What is read with the decimal mark that fits all amounts of some columns."""
    texts = [row[column] for row in rows for column in columns if row.get(column, "").strip()]
    fits = []
    for mark in ".,":
        try:
            fits.append(([amount(text, mark) for text in texts], mark))
        except Unreadable:
            continue
    if not fits or (len(fits) == 2 and fits[0][0] != fits[1][0] and not _told(rows)):
        raise Unreadable("the decimal mark is not told")
    return read(fits[0][1] if len(fits) == 1 else _told(rows) or ".")


def _told(rows: list[Row]) -> str:
    """The decimal mark that any two-decimal cell of a file gives away; empty where none does."""
    cells = [cell for row in rows for cell in row.values()]
    if any(re.fullmatch(r"\D{0,3}[0-9,]*\.[0-9]{1,2}0*", cell) for cell in cells):
        return "."
    return "," if any(re.fullmatch(r"\D{0,3}[0-9.]*,[0-9]{1,2}0*", cell) for cell in cells) else ""


def day_at(local: datetime) -> date:
    """The trading day of a moment on the wall: days start at four."""
    return (local.replace(tzinfo=None) - timedelta(hours=4)).date()


CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p")


def wall(text: str, *dates: str) -> datetime:
    """A time on the wall behind a date in one of some forms."""
    for form in (f"{day} {clock}" for day in dates for clock in CLOCKS):
        try:
            return datetime.strptime(" ".join(text.split()), form)
        except ValueError:
            continue
    raise Unreadable(f"{text!r} is no time")


# Exports


def clover(parts: Parts, zone: ZoneInfo) -> Said:
    """An order a row; open ones are none yet. Its time has EDT or EST behind it."""
    rows = rows_of(next(iter(parts.values())), "Order ID")
    columns = ["Order Total", "Tip", "Manual Refunds Total"]

    def read(mark: str) -> list[tuple[str, date, int]]:
        found = []
        for row in rows:
            if row["Order Payment State"].strip().lower() == "open":
                continue
            total, tip, back = (minor(row[column], mark) for column in columns)
            clock, name = row["Order Date"].strip().rsplit(" ", 1)
            offset = timezone(timedelta(hours={"EDT": -4, "EST": -5}[name]))
            at = wall(clock, "%d-%b-%Y").replace(tzinfo=offset)
            found.append((row["Order ID"].strip(), day_at(at.astimezone(zone)), total + tip - abs(back)))
        return found

    yield from read_with_mark(rows, columns, read)


def square(parts: Parts, zone: ZoneInfo) -> Said:
    """A payment or refund a row; a refund is told under its payment's id."""
    rows = rows_of(next(iter(parts.values())), "Payment ID")
    dates = ("%d/%m/%Y", "%d/%m/%y") if zone.key == "Australia/Sydney" else ("%Y-%m-%d",)

    def read(mark: str) -> list[tuple[str, date, int]]:
        found = []
        for row in rows:
            if row["Location"].strip() == "Pop-up":
                continue
            is_refund = {"payment": False, "refund": True}[row["Event Type"].strip().lower()]
            at = wall(f"{row['Date']} {row['Time']}", *dates)
            key = row["Payment ID"].strip() + ("-R" if is_refund else "")
            found.append((key, day_at(at), minor(row["Total Collected"], mark)))
        return found

    yield from read_with_mark(rows, ["Total Collected"], read)


def loyverse(parts: Parts, zone: ZoneInfo) -> Said:
    """A receipt a row; a cancelled one carries no money."""
    rows = rows_of(next(iter(parts.values())), "Receipt number")
    dates = ("%m/%d/%Y", "%m/%d/%y") if zone.key == "America/Toronto" else ("%d/%m/%Y", "%d/%m/%y")

    def read(mark: str) -> list[tuple[str, date, int]]:
        return [
            (
                row["Receipt number"].strip(),
                day_at(wall(row["Date"], *dates)),
                minor(row["Total collected"], mark),
            )
            for row in rows
            if row["Status"].strip().lower() not in ("cancelled", "canceled", "voided")
        ]

    yield from read_with_mark(rows, ["Total collected"], read)


def shopify(parts: Parts, zone: ZoneInfo) -> Said:
    """The first row of an order has its total, and the time that it was paid."""
    rows = rows_of(next(iter(parts.values())), "Total")

    def read(mark: str) -> list[tuple[str, date, int]]:
        found = []
        for row in rows:
            is_order = row["Total"].strip() and row["Paid at"].strip()
            if is_order and row["Financial Status"].strip().lower() != "voided":
                at = _with_offset(row["Paid at"]).astimezone(zone)
                found.append((row["Name"].strip(), day_at(at), minor(row["Total"], mark)))
        return found

    yield from read_with_mark(rows, ["Total"], read)


def _with_offset(text: str) -> datetime:
    text = re.sub(r"\.[0-9]+", "", text.strip()).replace("UTC", "+0000").replace("Z", "+0000")
    for form in ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S %z"):
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise Unreadable(f"{text!r} is no time")


def toast(parts: Parts, zone: ZoneInfo) -> Said:
    """A check is its items that are not void, its tips and gratuities; its refunds are a receipt of their own."""
    (name, items), (_, payments) = parts.items()
    day = datetime.strptime(name.partition("/")[0], "%Y%m%d").date()
    sold, paid = rows_of(items, "Check Id"), rows_of(payments, "Check Id")
    checks = {row["Check Id"].strip() for row in sold}
    net: dict[str, int] = defaultdict(int)
    for check, gross in read_with_mark(sold, ["Net Price", "Tax"], lambda mark: list(_items(sold, mark))):
        net[check] += gross
    columns = ["Tip", "Gratuity", "Refund Amount", "Refund Tip Amount"]
    backs: dict[tuple[str, date], int] = defaultdict(int)
    for row, tips, back in read_with_mark(paid, columns, lambda mark: [_paid(one, mark) for one in paid]):
        check = row["Check Id"].strip()
        is_dead = row["Status"].strip().upper() in NOT_COUNTED or row["Void Date"].strip()
        at = wall(row["Paid Date"], "%m/%d/%y", "%m/%d/%Y")
        if not is_dead and (check in checks or day_at(at) == day):
            net[check] += tips
        if back:
            backs[f"{check}-R", day_at(wall(row["Refund Date"], "%m/%d/%y", "%m/%d/%Y"))] -= back
    yield from ((check, day, gross) for check, gross in net.items())
    yield from ((check, on, gross) for (check, on), gross in backs.items())


def _items(sold: list[Row], mark: str) -> Iterator[tuple[str, int]]:
    """Each item's price, and once a check the tax that is added to it."""
    tax: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in sold:
        how = {"tax not included": "added", "tax included": "included"}[row["Tax Inclusion Option"].strip().lower()]
        if row["Void?"].strip().lower() not in ("true", "yes"):
            yield row["Check Id"].strip(), minor(row["Net Price"], mark)
            tax[row["Check Id"].strip()][how] += amount(row["Tax"], mark)
    for check, by_way in tax.items():
        if len(by_way) == 2 and all(by_way.values()):
            raise Mixed(check)
        yield check, int((by_way["added"] * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _paid(row: Row, mark: str) -> tuple[Row, int, int]:
    """A payment with its tips, and what was given back of it."""
    back = abs(minor(row["Refund Amount"], mark)) + abs(minor(row["Refund Tip Amount"], mark))
    return row, minor(row["Tip"], mark) + minor(row["Gratuity"], mark), back


NOT_COUNTED = ("VOIDED", "DENIED", "CANCELLED", "ERROR", "ERROR_NETWORK", "PROCESSING_VOID")


class Mixed(Exception):
    """A check with both kinds of tax: how its pennies lie is not for a plain reader to say."""


def lightspeed(parts: Parts, zone: ZoneInfo) -> Said:
    """A sale is its lines that were not voided, and its tips."""
    text = unpacked(next(iter(parts.values()))).decode("utf-8-sig")
    said = json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_once_each)
    for one in said["sales"] if isinstance(said, dict) else said:
        if one.get("cancelled"):
            continue
        lines = [line for line in one.get("salesLines") or () if not (line.get("voidReason") or "").strip()]
        gross = sum(minor(line.get("totalNetAmountWithTax") or "") for line in lines)
        gross += sum(minor(payment.get("tip") or "") for payment in one.get("payments") or ())
        at = next(one[key] for key in ("timeClosed", "timeOfCloseAndPaid", "timeofCloseAndPaid") if one.get(key))
        yield one["accountFiscId"].strip(), day_at(_with_offset(at).astimezone(zone)), gross


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("a key stands twice in one object")
    return found


def storeday_csv(parts: Parts, zone: ZoneInfo) -> Said:
    """A RECEIPT row a receipt."""
    (content,) = parts.values()
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True):
        if row["record"] == "RECEIPT" and row["kind"] in ("sale", "refund"):
            at = datetime.fromisoformat(row["at"])
            if at.tzinfo is None:
                raise Unreadable("a time without an offset")
            yield f"{row['till']}/{row['receipt']}", day_at(at.astimezone(zone)), minor(row["gross"])


# POSLog


def poslog(parts: Parts, zone: ZoneInfo, dialect: str) -> Said:
    """A Transaction a receipt; its total is the TransactionGrandAmount."""
    root = ElementTree.fromstring(next(iter(parts.values())))  # noqa: S314  # a file that the product took in
    ns = root.tag.removesuffix("POSLog")
    for one in root.findall(f"{ns}Transaction"):
        retail = one.findall(f"{ns}RetailTransaction")
        if not _counts(one, ns, dialect):
            continue
        (totals,) = retail
        (total,) = [each for each in totals.findall(f"{ns}Total") if each.get("TotalType") == "TransactionGrandAmount"]
        day = _day(one, ns, dialect)
        yield f"{_only(one, ns + 'WorkstationID')}/{_only(one, ns + 'SequenceNumber')}", day, minor(_text(total))


def _counts(one: ElementTree.Element, ns: str, dialect: str) -> bool:
    """Whether a Transaction is a sale or refund that counts."""
    flags = [one.get(name) or one.get(DTV + name) for name in ("TrainingModeFlag", "CancelFlag")]
    if any((flag or "").strip() in ("true", "1") for flag in flags):
        return False
    if dialect == "xstore" and one.get(f"{DTV}TransactionType") != "RETAIL_SALE":
        return False
    retail = one.findall(f"{ns}RetailTransaction")
    if not retail:
        return False
    return (retail[0].get("TransactionStatus") or "").strip() not in ("dtv:CancelOrphaned", "Suspended")


def _day(one: ElementTree.Element, ns: str, dialect: str) -> date:
    if dialect != "newpos":
        return date.fromisoformat(_only(one, f"{ns}BusinessDayDate"))
    (at,) = [each for each in one.findall(f"{ns}POSLogDateTime") if each.get("TypeCode") == "Transaction"]
    return day_at(datetime.fromisoformat(_text(at)))


def _only(one: ElementTree.Element, tag: str) -> str:
    (found,) = one.findall(tag)
    return _text(found)


def _text(element: ElementTree.Element) -> str:
    if len(element):
        raise Unreadable(f"{element.tag} holds elements")
    return (element.text or "").strip()


READERS: dict[str, Callable[[Parts, ZoneInfo], Said]] = {
    "clover": clover,
    "square": square,
    "loyverse": loyverse,
    "shopify": shopify,
    "toast": toast,
    "lightspeed-k": lightspeed,
    "storeday-csv": storeday_csv,
    **{
        f"poslog-{dialect}": (lambda parts, zone, dialect=dialect: poslog(parts, zone, dialect))
        for dialect in ("ncr", "roqqio", "newpos", "r10", "xstore")
    },
}
