"""The strict validator of a written stock file: what Sage 50 UK might take wrongly is refused on the bytes.

Source: sage50-uk reference, 2.4, 1.2 and 1.10.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import date, datetime

from storeday.config.masters import STOCK_CODE
from storeday.model.money import minor_of
from storeday.sage50.uk_stock import STOCK_HEADER

TYPES = frozenset("AI AO DI DO GI GO GR WO".split())
_QUANTITY = re.compile(r"^\d{1,8}\.\d{2}$")


def stock_problems_in(content: bytes, batch: str, posted_on: frozenset[date]) -> list[str]:
    """Everything that is wrong with a written file, by line; an empty list lets it through.

    ``posted_on`` are the days that the batch may carry.
    """
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return [f"line {line}: not ASCII"]
    found: list[str] = []
    if not text.endswith("\r\n") or text.count("\n") != text.count("\r\n"):
        found.append("lines must end in CRLF, the last one too")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows or rows[0] != STOCK_HEADER:
        return [*found, "line 1: the header is not the template's"]
    if len(rows) == 1:
        found.append("no row below the header")
    for line, row in enumerate(rows[1:], start=2):
        faults = [f"{len(row)} fields, not 8"] if len(row) != 8 else _row_faults(row, batch, posted_on)
        found += [f"line {line}: {fault}" for fault in faults]
    return found


def unfit_codes(codes: Iterable[str], known: Iterable[str] | None) -> list[str]:
    """Stock codes that Sage can't take, or that the company does not list, each with why.

    ``known`` are the stock codes of the company; None where it keeps no list.
    """
    listed = None if known is None else frozenset(known)
    unfit = [f"{code!r} is not 1 to 30 letters, digits and signs without a space" for code in codes if not _fits(code)]
    unknown = [f"{code!r} is not in skus.csv" for code in codes if _fits(code) and listed and code not in listed]
    return [*unfit, *unknown]


def _fits(code: str) -> bool:
    return STOCK_CODE.fullmatch(code) is not None


def _row_faults(row: list[str], batch: str, posted_on: frozenset[date]) -> list[str]:
    kind, code, day, reference, details, quantity, cost, price = row
    found: list[str] = []
    if kind not in TYPES:
        found.append(f"{kind!r} is no type that Sage imports")
    if not _fits(code):
        found.append(f"stock code {code!r} is not 1 to 30 letters, digits and signs without a space")
    found += _date_faults(day, posted_on)
    if reference != batch[:8] or not 1 <= len(reference) <= 8:
        found.append(f"reference {reference!r} is not the first 8 of the batch {batch!r}")
    if not details or len(details) > 60 or not details.isprintable() or details[0] in "=+-@":
        found.append(f"details {details!r} are empty, over 60 characters, or begin like a formula")
    if not _QUANTITY.match(quantity) or minor_of(quantity) == 0:
        found.append(f"quantity {quantity!r} is not above 0.00 with two decimals")
    if cost or price:
        found.append("cost price and sales price must be empty")
    return found


def _date_faults(text: str, posted_on: frozenset[date]) -> list[str]:
    try:
        day = datetime.strptime(text, "%d/%m/%Y").date() if re.fullmatch(r"\d{2}/\d{2}/\d{4}", text) else None
    except ValueError:
        day = None
    if day is None:
        return [f"date {text!r} is not DD/MM/YYYY of a day that exists"]
    return [] if day in posted_on else [f"date {text} is not a day of this batch"]
