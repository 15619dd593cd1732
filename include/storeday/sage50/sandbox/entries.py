"""Rows that are taken, written down: headers, splits, the double entry and the VAT return's entries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects import sqlite

from storeday.sage50.sandbox.booking import BoxEntry, box_entries, double_entry
from storeday.sage50.sandbox.groups import header_of_each
from storeday.sage50.sandbox.masters import OFF_THE_RETURN, CompanyMasters
from storeday.sage50.sandbox.tables import HEADERS, JOURNAL, SPLITS, VAT
from storeday.sage50.sandbox.trail_rows import BANK_ROWS, JOURNALS, ON_ACCOUNT, ImportRules, TrailRow

_POSITIVE: Final = frozenset({"BR", "CR", "VR", "SI", "SP", "PI", "PR", "JD"})
"""Types whose header shows its amounts as they are; the others' amounts are negative (signed by type, 4.2)."""

_HEADER: Final = (
    "HEADER_NUMBER TRAN_NUMBER ITEM_COUNT TYPE DATE ACCOUNT_REF BANK_CODE INV_REF DETAILS USER_NAME "
    "NET_AMOUNT TAX_AMOUNT GROSS_AMOUNT BANK_AMOUNT OUTSTANDING PAID_FLAG BANK_FLAG"
)
_SPLIT: Final = (
    "TRAN_NUMBER SPLIT_NUMBER HEADER_NUMBER TYPE DATE ACCOUNT_REF NOMINAL_CODE BANK_CODE INV_REF DETAILS EXTRA_REF "
    "USER_NAME DEPT_NUMBER TAX_CODE NET_AMOUNT TAX_AMOUNT GROSS_AMOUNT VAT_FLAG"
)
_LEG: Final = (
    "TRAN_NUMBER TYPE DATE NOMINAL_CODE ACCOUNT_REF INV_REF DETAILS EXTRA_REF DEPT_NUMBER TAX_CODE AMOUNT "
    "SPLIT_NUMBER HEADER_NUMBER"
)
_BOX: Final = (
    "TRAN_NUMBER VAT_BOX VAT_INCLUDE TYPE DATE INV_REF TAX_CODE NOMINAL_CODE AMOUNT AMOUNT_INVOICE AMOUNT_CREDIT "
    "AMOUNT_BANK AMOUNT_JOURNAL SPLIT_NUMBER HEADER_NUMBER"
)

Values = tuple[Any, ...]


def insert_all(connection: Connection, table: Table, columns: str, rows: list[Values]) -> None:
    """Many rows at once, each a tuple of values of ``columns``, which stand in the table's order."""
    if rows:
        connection.exec_driver_sql(_insertion(table, columns), rows)


@cache
def _insertion(table: Table, columns: str) -> str:
    return str(table.insert().compile(dialect=sqlite.dialect(paramstyle="qmark"), column_keys=columns.split()))


def next_number(connection: Connection, table: Table, column: str) -> int:
    """The first running number that is free."""
    return int(connection.execute(select(func.coalesce(func.max(table.c[column]), 0))).scalar_one()) + 1


def write_entries(connection: Connection, rows: Sequence[TrailRow], masters: CompanyMasters, rules: ImportRules) -> int:
    """Book the rows; how many headers they made."""
    if not rows:
        return 0
    tran = next_number(connection, SPLITS, "TRAN_NUMBER")
    first_header = next_number(connection, HEADERS, "HEADER_NUMBER")
    headers, splits, legs, boxes = [], [], [], []
    placed = sorted(zip(header_of_each(rows, rules), rows, strict=True), key=itemgetter(0))
    for group, members in groupby(placed, key=itemgetter(0)):
        under = [row for _, row in members]
        header = first_header + group
        headers.append(_header(under, header, tran, masters))
        for split, row in enumerate(under, start=1):
            place = (split, header)
            splits.append(_split(row, tran, place))
            legs += [_leg(row, tran, leg, place) for leg in double_entry(row, masters.controls)]
            boxes += [_box(row, tran, entry, place) for entry in box_entries(row, masters, rules.facts)]
            tran += 1
    insert_all(connection, HEADERS, _HEADER, headers)
    insert_all(connection, SPLITS, _SPLIT, splits)
    insert_all(connection, JOURNAL, _LEG, legs)
    insert_all(connection, VAT, _BOX, boxes)
    return len(headers)


def _bank_of(row: TrailRow) -> str:
    return row.account if row.type in BANK_ROWS else row.nominal if row.type in ON_ACCOUNT else ""


def _header(rows: list[TrailRow], header: int, tran: int, masters: CompanyMasters) -> Values:
    first = rows[0]
    signs = [1 if row.type in _POSITIVE else -1 for row in rows]
    net = sum(sign * row.net_minor for sign, row in zip(signs, rows, strict=True))
    tax = sum(sign * row.tax_minor for sign, row in zip(signs, rows, strict=True))
    bank = _bank_of(first)
    banked = sum(
        minor for row in rows for nominal, minor in double_entry(row, masters.controls) if bank and nominal == bank
    )
    is_open = first.type[0] in "SP"
    return (
        *(header, tran, len(rows), first.type, first.day.isoformat(), first.account, bank, first.reference),
        *(first.details, first.user, net, tax, net + tax, banked),
        *(net + tax if is_open else 0, "N" if is_open else "Y", "N" if bank else "-"),
    )


def _split(row: TrailRow, tran: int, place: tuple[int, int]) -> Values:
    return (
        *(tran, *place, row.type, row.day.isoformat(), row.account, row.nominal, _bank_of(row), row.reference),
        *(row.details, row.extra_reference, row.user, row.department, row.tax_code),
        *(row.net_minor, row.tax_minor, row.gross_minor, "-" if row.tax_code == OFF_THE_RETURN else "N"),
    )


def _leg(row: TrailRow, tran: int, leg: tuple[str, int], place: tuple[int, int]) -> Values:
    nominal, minor = leg
    return (
        *(tran, row.type, row.day.isoformat(), nominal, row.account, row.reference, row.details),
        *(row.extra_reference, row.department, row.tax_code, minor, *place),
    )


def _box(row: TrailRow, tran: int, entry: BoxEntry, place: tuple[int, int]) -> Values:
    kinds = [row.type in {"SI", "PI"}, row.type in {"SC", "PC"}, row.type in BANK_ROWS, row.type in JOURNALS]
    by_kind = [entry.minor if is_kind else 0 for is_kind in kinds]
    return (
        *(tran, entry.box, 1, row.type, row.day.isoformat(), row.reference, row.tax_code, entry.nominal),
        *(entry.minor, *by_kind, *place),
    )
