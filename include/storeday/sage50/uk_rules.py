"""The strict validator: reads the written bytes back and refuses what Sage 50 UK might take wrongly.

Sage checks almost nothing on import and forgets nothing, so every rule is checked here first, on the bytes
and not on the rows they were made of. Source: sage50-uk reference, 1.13, rule by rule.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final

from storeday.model.money import minor_of, money
from storeday.sage50.rows import HEADER

TYPES: Final = frozenset("BP BR CP CR VP VR JC JD SI SC SA SP PI PC PA PR".split())
BANK_TYPES: Final = frozenset("BP BR CP CR VP VR".split())
ALLOCATED: Final = frozenset("SR PP SD PD".split())
CONTROL_NOMINALS: Final = frozenset({"1100", "2100", "2200", "2201"})
_AMOUNT: Final = re.compile(r"^\d{1,8}\.\d{2}$")
_ACCOUNT: Final = re.compile(r"^[A-Z0-9_&./][A-Z0-9_\-&./]{0,7}$")
FORMULA: Final = re.compile(r"^[\s'\"`]*[=+\-@]")
"""What a spreadsheet might run, also behind a quote."""


@dataclass(frozen=True)
class Masters:
    """What exists in the company, as far as the settings know it."""

    banks: frozenset[str]  # till control and deposit nominals
    customers: frozenset[str]
    rates_bp: dict[str, frozenset[int]]  # by tax code: those it has or had
    posted_on: frozenset[date]  # the days the batch may carry
    pennies: int | None  # how far tax may be from the rate in all; None: a correction may carry tax alone
    sales_tax: str = "2200"
    journals_carry_sales: bool = False  # the profile journal: sales and their tax by JC and JD with a tax code


def problems_in_all(files: dict[str, bytes], batch: str, masters: Masters) -> list[str]:
    """Everything that is wrong with a batch's files, by file and line: each file alone, then all together."""
    found: list[str] = []
    for name, content in files.items():
        where = f"{name} " if len(files) > 1 else ""
        found += [f"{where}{problem}" for problem in problems_in(content, batch, masters)]
    return found or _cut_faults(files)


def problems_in(content: bytes, batch: str, masters: Masters) -> list[str]:
    """Everything that is wrong with a written file, by line; an empty list lets it through."""
    found: list[str] = []
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return [f"line {line}: not ASCII"]
    if not text.endswith("\r\n") or text.count("\n") != text.count("\r\n"):
        found.append("lines must end in CRLF, the last one too")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows or rows[0] != HEADER:
        return [*found, "line 1: the header is not the template's"]
    for line, row in enumerate(rows[1:], start=2):
        faults = [f"{len(row)} fields, not 15"] if len(row) != len(HEADER) else _row_faults(row, batch, masters)
        found += [f"line {line}: {fault}" for fault in faults]
    if not found:
        found += _journal_faults(rows[1:])
        found += _group_faults(rows[1:])
    return found


def _row_faults(row: list[str], batch: str, masters: Masters) -> list[str]:
    kind, account, nominal, department, day, reference, details, net, code, tax = row[:10]
    extra, user = row[11], row[12]
    found: list[str] = []
    if kind in ALLOCATED:
        found.append(f"{kind} can't be imported: use SA, PA, SC or PC and allocate by hand")
    elif kind not in TYPES:
        found.append(f"{kind!r} is no type that Sage imports")
    found += _account_faults(kind, account, nominal, masters)
    if not re.fullmatch(r"\d{1,8}", nominal):
        found.append(f"nominal {nominal!r} is not 1 to 8 digits")
    if not re.fullmatch(r"\d{1,3}", department):
        found.append(f"department {department!r} is not 0 to 999")
    found += _date_faults(day, masters)
    for name, value, size in (("reference", reference, 30), ("details", details, 60), ("user", user, 32)):
        if not value or len(value) > size:
            found.append(f"{name} {value!r} is empty or over {size} characters")
        if not value.isprintable():
            found.append(f"{name} {value!r} has a line break or another control character")
    for column, value in zip(HEADER, row, strict=True):
        if FORMULA.match(value):
            found.append(f"{column.lower()} {value!r} begins like a formula")
    if extra != batch or len(batch) > 30:
        found.append(f"extra reference {extra!r} is not the batch {batch!r}")
    if row[10] != "1" or row[13:] != ["", ""]:
        found.append("exchange rate must be 1, project and cost code empty")
    return found + _amount_faults(kind, nominal, net, code, tax, masters)


def _account_faults(kind: str, account: str, nominal: str, masters: Masters) -> list[str]:
    if kind in {"JD", "JC"}:
        return ["a journal has no account"] if account else []
    if not _ACCOUNT.match(account):
        return [f"account {account!r} is not 1 to 8 of A-Z 0-9 _ - & . /, the first no -"]
    found = []
    if kind in BANK_TYPES:
        if account not in masters.banks:
            found.append(f"account {account} is no bank nominal of the company")
        if nominal in CONTROL_NOMINALS:
            found.append(f"nominal {nominal} is a control account")
    elif kind[0] == "S":
        if account not in masters.customers:
            found.append(f"account {account} is no customer of the company")
        if kind in {"SA", "SP"} and nominal not in masters.banks:
            found.append(f"nominal {nominal} of {kind} is no bank nominal of the company")
    return found


def _date_faults(text: str, masters: Masters) -> list[str]:
    if not re.fullmatch(r"\d{2}/\d{2}/\d{4}", text):
        return [f"date {text!r} is not DD/MM/YYYY"]
    try:
        day = datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError:
        return [f"date {text!r} does not exist"]
    return [] if day in masters.posted_on else [f"date {text} is not a day of this batch"]


def _amount_faults(kind: str, nominal: str, net: str, code: str, tax: str, masters: Masters) -> list[str]:
    if not _AMOUNT.match(net) or minor_of(net) == 0:
        return [f"net {net!r} is not an amount above 0.00"]
    if not _AMOUNT.match(tax):
        return [f"tax {tax!r} is not an amount of 0.00 or more"]
    rates = frozenset({0}) if code == "T9" else masters.rates_bp.get(code, frozenset())
    if not re.fullmatch(r"T\d{1,2}", code) or not rates:
        return [f"tax code {code!r} is not one of the company's"]
    if kind in {"SA", "SP", "PA", "PR"} and code != "T9":
        return [f"{kind} must be T9, off the VAT return"]
    if kind in {"JD", "JC"}:
        return _journal_tax_faults(kind, nominal, code, tax, masters)
    if rates == {0} and minor_of(tax):
        return [f"tax {tax} on {code}, whose rate is nothing"]
    by_rate = min(
        ((2 * minor_of(net) * rate + 10_000) // 20_000 for rate in rates), key=lambda by: abs(minor_of(tax) - by)
    )
    if masters.pennies is not None and abs(minor_of(tax) - by_rate) > max(1, masters.pennies):
        return [f"tax {tax} on net {net} {code}: the rate gives {money(by_rate)}, more than a penny a line away"]
    return []


def _journal_tax_faults(kind: str, nominal: str, code: str, tax: str, masters: Masters) -> list[str]:
    """A journal's tax is a row of its own; only rows of sales may be on the return (reference, 1.9)."""
    if minor_of(tax):
        return [f"tax {tax} on {kind}: a journal's tax is a row of its own"]
    if code != "T9" and (not masters.journals_carry_sales or nominal in masters.banks):
        return [f"{kind} must be T9, off the VAT return"]
    if code == "T9" and nominal == masters.sales_tax:
        return [f"{kind} on the sales tax account {nominal} without a tax code would miss the VAT return"]
    return []


def _journal_faults(rows: list[list[str]]) -> list[str]:
    """Journals balance to the penny per date and reference, with a debit and a credit at least."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        if row[0] in {"JD", "JC"}:
            sums[row[4], row[5]][row[0] == "JC"] += minor_of(row[7])
    return [
        f"journal {reference} of {day}: debits {money(debits)}, credits {money(credits)}"
        for (day, reference), (debits, credits) in sums.items()
        if debits != credits
    ]


def _group_faults(rows: list[list[str]]) -> list[str]:
    """Rows of one (type, account, date, reference) stand together: a group once, never taken up again."""
    counted = Counter(key for key, _ in groupby(map(_group, rows)))
    return [
        f"rows of {kind} {ref} of {day} do not stand together" for (kind, _, day, ref), n in counted.items() if n > 1
    ]


def _cut_faults(files: dict[str, bytes]) -> list[str]:
    """No reference of a day stands in two files: Sage would make two headers, and half could be left out."""
    where: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, content in files.items():
        for row in csv.reader(io.StringIO(content.decode("ascii"), newline="")):
            where[row[4], row[5]].add(name)
    del where[HEADER[4], HEADER[5]]
    return [
        f"rows of {reference} of {day} are cut between {' and '.join(sorted(names))}"
        for (day, reference), names in where.items()
        if len(names) > 1
    ]


def _group(row: list[str]) -> tuple[str, str, str, str]:
    return "J" if row[0] in {"JD", "JC"} else row[0], row[1], row[4], row[5]
