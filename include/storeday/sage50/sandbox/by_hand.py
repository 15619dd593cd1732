"""What a person does to transactions in Sage itself: delete one, edit one, post a journal, change a stock line, clear.

Editing an amount deletes the transaction and posts another in its place, as Sage does; a deleted one stays in the
audit trail under its flag and is booked nowhere. What is on a VAT return can't be deleted. Source: the page "The
Transactions module" of Sage's UK knowledge base; docs/sandbox.md, "By hand".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, select, update

from storeday.model.errors import StoredayError
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.entries import write_entries
from storeday.sage50.sandbox.masters import read_masters
from storeday.sage50.sandbox.tables import HEADERS, JOURNAL, SPLITS, STOCK_MOVES, VAT
from storeday.sage50.sandbox.trail_rows import ImportRules, TrailRow

_split, _box = SPLITS.c, VAT.c

MANAGER: Final = "MANAGER"
"""Sage's name for who is logged in."""


class NotAllowed(StoredayError):
    """Sage does not let a person do that."""


@dataclass(frozen=True)
class Found:
    """One transaction in the trail: its number, and its row as it was imported."""

    number: int
    row: TrailRow


class StockFound(NamedTuple):
    """One stock transaction."""

    number: int
    type: str
    code: str
    hundredths: int
    details: str


def transactions(sandbox: Sandbox, reference: str = "") -> list[Found]:
    """The transactions that are not deleted, of a reference or all, in order of their numbers."""
    query = select(SPLITS).where(_split.DELETED_FLAG == 0).order_by(_split.TRAN_NUMBER)
    if reference:
        query = query.where(_split.INV_REF.in_([reference]))
    with sandbox.reading() as sage:
        return [Found(each["TRAN_NUMBER"], _row(each)) for each in sage.execute(query).mappings()]


def delete_transaction(sandbox: Sandbox, number: int) -> None:
    """Delete a transaction. Raises: NotAllowed where it is on a VAT return."""
    with sandbox.writing() as sage:
        _delete(sage, number)


def edit_transaction(sandbox: Sandbox, number: int, **now: Any) -> None:
    """Give a transaction other values (``net_minor=…``, ``nominal=…``). Raises: NotAllowed as for deleting."""
    with sandbox.writing() as sage:
        row = _row(sage.execute(select(SPLITS).where(_split.TRAN_NUMBER.in_([number]))).mappings().one())
        _delete(sage, number)
        write_entries(sage, [row._replace(**now, user=MANAGER)], read_masters(sage), ImportRules())


def repeat_transaction(sandbox: Sandbox, number: int, **now: Any) -> None:
    """Post a transaction once more, with other values where they are given (its ``type``, to reverse it)."""
    with sandbox.writing() as sage:
        row = _row(sage.execute(select(SPLITS).where(_split.TRAN_NUMBER.in_([number]))).mappings().one())
        write_entries(sage, [row._replace(**now, user=MANAGER)], read_masters(sage), ImportRules())


def post_journal(
    sandbox: Sandbox, day: date, legs: Sequence[tuple[str, int]], reference: str = "", details: str = "By hand"
) -> None:
    """Post a journal: nominals with signed minor units, a debit positive."""
    rows = [
        TrailRow(
            0, "JD" if minor > 0 else "JC", "", nominal, 0, day, reference, details, abs(minor), "T9", 0, "", MANAGER
        )
        for nominal, minor in legs
    ]
    with sandbox.writing() as sage:
        write_entries(sage, rows, read_masters(sage), ImportRules())


def put_on_vat_return(sandbox: Sandbox, last: date) -> None:
    """Reconcile the VAT return that ends on a day: what is on it can't be deleted any more."""
    on_it = _split.DATE.between(date.min, last)
    with sandbox.writing() as sage:
        sage.execute(
            update(SPLITS).where(on_it, _split.TAX_CODE != "T9").values(VAT_FLAG="Y", VAT_RECONCILED_DATE=last)
        )


def change_stock(sandbox: Sandbox, number: int, hundredths: int) -> None:
    """Give a stock transaction another quantity."""
    c = STOCK_MOVES.c
    with sandbox.writing() as sage:
        was = sage.execute(select(c.QUANTITY, c.MOVED).where(c.TRAN_NUMBER.in_([number]))).one()
        sign = -1 if was.MOVED < 0 else 1
        changed = (
            update(STOCK_MOVES).where(c.TRAN_NUMBER.in_([number])).values(QUANTITY=hundredths, MOVED=sign * hundredths)
        )
        sage.execute(changed)


def stock_transactions(sandbox: Sandbox, reference: str) -> list[StockFound]:
    """The stock transactions of a reference, in order of their numbers."""
    c = STOCK_MOVES.c
    query = select(c.TRAN_NUMBER, c.TYPE, c.STOCK_CODE, c.QUANTITY, c.DETAILS).where(c.REFERENCE.in_([reference]))
    with sandbox.reading() as sage:
        return [StockFound(*found) for found in sage.execute(query.order_by(c.TRAN_NUMBER))]


def _delete(sage: Connection, number: int) -> None:
    found = sage.execute(
        select(_split.VAT_RECONCILED_DATE, _split.HEADER_NUMBER).where(_split.TRAN_NUMBER.in_([number]))
    ).one()
    if found.VAT_RECONCILED_DATE is not None:
        raise NotAllowed(f"transaction {number} is on a VAT return and can't be deleted: reverse it")
    for table in (SPLITS, JOURNAL):
        sage.execute(update(table).where(table.c.TRAN_NUMBER.in_([number])).values(DELETED_FLAG=1))
    sage.execute(delete(VAT).where(_box.TRAN_NUMBER.in_([number])))
    live = _split.HEADER_NUMBER.in_([found.HEADER_NUMBER]), _split.DELETED_FLAG == 0
    left = select(_split.TRAN_NUMBER).where(*live).limit(1)
    if sage.execute(left).first() is None:
        sage.execute(update(HEADERS).where(HEADERS.c.HEADER_NUMBER == found.HEADER_NUMBER).values(DELETED_FLAG=1))


def _row(split: Any) -> TrailRow:
    return TrailRow(
        line=0,
        type=split["TYPE"],
        account=split["ACCOUNT_REF"],
        nominal=split["NOMINAL_CODE"],
        department=split["DEPT_NUMBER"],
        day=split["DATE"],
        reference=split["INV_REF"],
        details=split["DETAILS"],
        net_minor=split["NET_AMOUNT"],
        tax_code=split["TAX_CODE"],
        tax_minor=split["TAX_AMOUNT"],
        extra_reference=split["EXTRA_REF"],
        user=split["USER_NAME"],
    )
