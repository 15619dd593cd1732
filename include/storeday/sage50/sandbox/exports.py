"""What the sandbox gives out: Sage's CSV report in import layout, balances, and the ODBC tables.

Sources: sage50-uk reference, 4.1 ("Transaction CSV (Extended)" mirrors the import columns), 4.2 (ODBC tables).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from storeday.model.money import plain
from storeday.sage50.rows import HEADER
from storeday.sage50.sandbox.tables import (
    JOURNAL,
    ODBC,
    SPLITS,
    VAT,
    customer_balances,
    nominal_balances,
    stock_levels,
)


class Balance(NamedTuple):
    """A nominal, customer or product with what stands on it: minor units, or hundredths of a quantity."""

    code: str
    name: str
    minor: int


def transaction_csv(connection: Connection) -> bytes:
    """Everything that was imported, in the 15 columns of the import and in its order."""
    c = SPLITS.c
    rows = connection.execute(select(SPLITS).where(c.DELETED_FLAG == 0).order_by(c.TRAN_NUMBER)).mappings()
    return _csv(HEADER, (_fields(row) for row in rows))


def _fields(row: Any) -> list[str]:
    day: date = row["DATE"]
    return [
        row["TYPE"],
        row["ACCOUNT_REF"],
        row["NOMINAL_CODE"],
        str(row["DEPT_NUMBER"]),
        f"{day:%d/%m/%Y}",
        row["INV_REF"],
        row["DETAILS"],
        plain(row["NET_AMOUNT"]),
        row["TAX_CODE"],
        plain(row["TAX_AMOUNT"]),
        "1",
        row["EXTRA_REF"],
        row["USER_NAME"],
        row["PROJECT_ID"],
        row["COST_CODE_ID"],
    ]


def audit_trail_csv(connection: Connection) -> bytes:
    """The audit trail in journal view, without headings: a line a leg, the columns that are known of it filled."""
    c = JOURNAL.c
    legs = connection.execute(select(JOURNAL).where(c.DELETED_FLAG == 0).order_by(c.TRAN_NUMBER)).mappings()
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(_leg_fields(leg) for leg in legs)
    return text.getvalue().encode()


def _leg_fields(leg: Any) -> list[str]:
    day, minor = leg["DATE"], leg["AMOUNT"]
    first = [str(leg["TRAN_NUMBER"]), leg["TYPE"], leg["NOMINAL_CODE"], f"{day:%d/%m/%Y}", leg["INV_REF"]]
    return [*first, plain(max(minor, 0)), plain(max(-minor, 0)), *[""] * 7, leg["DETAILS"]]


def balances_csv(connection: Connection) -> bytes:
    """The trial balance: every nominal that something was booked on, in debit or credit."""
    found = [balance for balance in nominals(connection) if balance.minor]
    rows = ([b.code, b.name, plain(max(b.minor, 0)), plain(max(-b.minor, 0))] for b in found)
    return _csv(["A/C", "Name", "Debit", "Credit"], rows)


def odbc_csvs(connection: Connection) -> dict[str, bytes]:
    """The ODBC tables by file name, each with its columns as headings."""
    files = {}
    for name, view in ODBC.items():
        found = connection.execute(view)
        headings = list(found.keys())
        files[f"{name}.csv"] = _csv(headings, ([_said(value) for value in row] for row in found))
    return files


def nominals(connection: Connection) -> list[Balance]:
    """Every nominal's balance; a debit is positive, and all of them sum to nothing."""
    return _balances(connection, nominal_balances(), "ACCOUNT_REF", "NAME", "BALANCE")


def customers(connection: Connection) -> list[Balance]:
    """What every customer owes."""
    return _balances(connection, customer_balances(), "ACCOUNT_REF", "NAME", "BALANCE")


def stock(connection: Connection) -> list[Balance]:
    """Every product's quantity in stock, in hundredths."""
    return _balances(connection, stock_levels(), "STOCK_CODE", "DESCRIPTION", "QTY_IN_STOCK")


def vat_boxes(connection: Connection) -> dict[tuple[int, str], int]:
    """The VAT return by box and tax code, in minor units."""
    query = select(VAT.c.VAT_BOX, VAT.c.TAX_CODE, func.sum(VAT.c.AMOUNT)).group_by(VAT.c.VAT_BOX, VAT.c.TAX_CODE)
    return {(box, code): minor for box, code, minor in connection.execute(query)}


def _balances(connection: Connection, query: Select[Any], code: str, name: str, minor: str) -> list[Balance]:
    return [Balance(row[code], row[name], row[minor]) for row in connection.execute(query).mappings()]


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _csv(headings: list[str], rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode()
