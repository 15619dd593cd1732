"""Sage's ODBC tables into a trail: AUDIT_SPLIT for the rows, AUDIT_HEADER for what was amended, AUDIT_JOURNAL for the
double entry, AUDIT_VAT for the boxes of the return, STOCK_TRAN for stock, and what was cleared.

Amounts come as doubles signed by type, or as text; days as dates or text. Sources: docs/reconcile.md, "ODBC"; the
columns by Zynk's pages "Sage 50 UK Schema".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Date, bindparam, literal_column, select, text
from sqlalchemy.exc import DBAPIError

from storeday.sage50.readback.texts import clean, minor_of_decimals
from storeday.sage50.readback.trail import Export, ReadbackRefused, Shows, Trail, frame_of, trail_frame

_SPLIT: Final = (
    "TRAN_NUMBER HEADER_NUMBER TYPE DATE ACCOUNT_REF NOMINAL_CODE INV_REF DETAILS EXTRA_REF USER_NAME "
    "DEPT_NUMBER TAX_CODE NET_AMOUNT TAX_AMOUNT VAT_FLAG VAT_RECONCILED_DATE DELETED_FLAG"
)
_JOURNAL: Final = "TRAN_NUMBER NOMINAL_CODE AMOUNT DELETED_FLAG"
_VAT: Final = "TRAN_NUMBER VAT_BOX TAX_CODE DATE AMOUNT"
_STOCK: Final = "TRAN_NUMBER TYPE STOCK_CODE DATE REFERENCE DETAILS QUANTITY"
_CLEARED: Final = "START_TRAN_NUMBER END_TRAN_NUMBER"
_HISTORY: Final = "AUDIT_HISTORY_SPLIT"
_NEGATIVE_WHERE_SIGNED: Final = ("BP", "CP", "VP", "SC", "SA", "PC", "PA", "JC")


def read_odbc(name: str, connection: Connection, since: date) -> Trail:
    """Everything dated ``since`` or later. Raises: ReadbackRefused where a table that is needed can't be read."""
    splits = _table(name, connection, "AUDIT_SPLIT", _SPLIT, since)
    history = _table_if_there(connection, _HISTORY, _SPLIT, since)
    cleared = _table_if_there(connection, "CLEARED_TRAN_RANGE", _CLEARED)
    rows = _rows(name, splits)
    if history is not None and len(history):
        rows = pd.concat([rows, _rows(name, history)], ignore_index=True)
    ranges = list(zip(*(cleared[c].to_pylist() for c in _CLEARED.split()), strict=True)) if cleared else []
    stock = _table_if_there(connection, "STOCK_TRAN", _STOCK, since)
    shows = set(Shows) - (set() if stock is not None else {Shows.STOCK})
    return Trail(
        export=Export.ODBC,
        name=name,
        rows=rows,
        shows=frozenset(shows),
        boxes=_boxes(name, _table(name, connection, "AUDIT_VAT", _VAT, since)),
        legs=_legs(name, _table(name, connection, "AUDIT_JOURNAL", _JOURNAL, since)),
        stock=_stock(name, stock) if stock is not None else None,
        cleared_ranges=tuple((int(first), int(last)) for first, last in ranges),
        notes=_amended(connection, since),
    )


def _rows(name: str, splits: dict[str, pa.Array]) -> pd.DataFrame:
    types = _text(splits["TYPE"])
    # Signed by type in Sage: what a type makes negative is written positive in a file that is imported.
    turned = pc.is_in(types, pa.array(_NEGATIVE_WHERE_SIGNED))
    net, tax = (_minor(name, splits[column]) for column in ("NET_AMOUNT", "TAX_AMOUNT"))
    reconciled = pc.or_(
        pc.fill_null(pc.equal(pc.utf8_upper(_text(splits["VAT_FLAG"])), "Y"), False),
        pc.not_equal(_text(splits["VAT_RECONCILED_DATE"]), ""),
    )
    return trail_frame(
        {
            "line": _whole(splits["TRAN_NUMBER"]),
            "number": _whole(splits["TRAN_NUMBER"]),
            "header": _whole(splits["HEADER_NUMBER"]),
            "type": types,
            "account": pc.if_else(pc.is_in(types, pa.array(["JD", "JC"])), "", _text(splits["ACCOUNT_REF"])),
            "nominal": _text(splits["NOMINAL_CODE"]),
            "department": _whole(splits["DEPT_NUMBER"]),
            "date": _day(splits["DATE"]),
            "reference": _text(splits["INV_REF"]),
            "details": _text(splits["DETAILS"]),
            "net_minor": pc.if_else(turned, pc.abs(net), net),
            "tax_code": _text(splits["TAX_CODE"]),
            "tax_minor": pc.if_else(turned, pc.abs(tax), tax),
            "extra_reference": _text(splits["EXTRA_REF"]),
            "user": _text(splits["USER_NAME"]),
            "is_deleted": pc.not_equal(_whole(splits["DELETED_FLAG"]), 0),
            "is_vat_reconciled": reconciled,
        }
    )


def _legs(name: str, found: dict[str, pa.Array]) -> pd.DataFrame:
    legs = pa.table(
        {
            "number": _whole(found["TRAN_NUMBER"]),
            "nominal": _text(found["NOMINAL_CODE"]),
            "minor": _minor(name, found["AMOUNT"]),
            "is_live": pc.equal(_whole(found["DELETED_FLAG"]), 0),
        }
    )
    return frame_of(legs.filter(pc.field("is_live")).drop_columns("is_live"))


def _boxes(name: str, found: dict[str, pa.Array]) -> pd.DataFrame:
    boxes = {
        "number": _whole(found["TRAN_NUMBER"]),
        "box": _whole(found["VAT_BOX"]),
        "tax_code": _text(found["TAX_CODE"]),
        "date": _day(found["DATE"]),
        "minor": _minor(name, found["AMOUNT"]),
    }
    return frame_of(pa.table(boxes))


def _stock(name: str, found: dict[str, pa.Array]) -> pd.DataFrame:
    stock = {
        "number": _whole(found["TRAN_NUMBER"]),
        "type": _text(found["TYPE"]),
        "code": _text(found["STOCK_CODE"]),
        "date": _day(found["DATE"]),
        "reference": _text(found["REFERENCE"]),
        "details": _text(found["DETAILS"]),
        "hundredths": pc.abs(_minor(name, found["QUANTITY"])),
    }
    return frame_of(pa.table(stock))


def _amended(connection: Connection, since: date) -> tuple[str, ...]:
    """Who amended transactions in Sage, for the notes of a reading."""
    found = _table_if_there(connection, "AUDIT_HEADER", "TRAN_NUMBER DATE_AMENDED USER_NAME_AMENDED", since)
    if found is None:
        return ()
    users = _text(found["USER_NAME_AMENDED"])
    counted = pc.value_counts(pc.drop_null(pc.if_else(pc.equal(users, ""), None, users))).to_pylist()
    return tuple(f"{each['counts']:,} headers amended in Sage by {each['values']}" for each in counted)


def _table(name: str, connection: Connection, table: str, columns: str, since: date | None = None) -> dict[str, Any]:
    """Some columns of a table, each an Arrow array, under the driver's own names: never quoted, as it wants them."""
    query: Any = select(*map(literal_column, columns.split())).select_from(text(table))
    if since is not None:
        query = query.where(literal_column("DATE") >= bindparam("since", since, type_=Date))
    try:
        rows = connection.execute(query).fetchall()
    except DBAPIError as error:
        why = str(error.orig).partition("\n")[0]
        raise ReadbackRefused(
            name, f"table {table} can't be read ({why}).", what_now="Is the data source Sage's, and may its login read?"
        ) from error
    cells: Iterable[Any] = zip(*rows, strict=True) if rows else ((),) * len(columns.split())
    return {column: _array(values) for column, values in zip(columns.split(), cells, strict=True)}


def _table_if_there(
    connection: Connection, table: str, columns: str, since: date | None = None
) -> dict[str, Any] | None:
    """A table that not every version of Sage shows; None where it is not there."""
    try:
        return _table(table, connection, table, columns, since)
    except ReadbackRefused:
        return None


def _array(values: Any) -> Any:
    return pa.array(values) if values else pa.array([], pa.string())


def _text(values: Any) -> Any:
    return clean(pc.fill_null(values.cast(pa.string()), ""))


def _whole(values: Any) -> Any:
    return pc.fill_null(values.cast(pa.int64()), 0)


def _day(values: Any) -> Any:
    if pa.types.is_string(values.type):
        return pc.strptime(pc.utf8_slice_codeunits(values, 0, 10), format="%Y-%m-%d", unit="s").cast(pa.date32())
    return values.cast(pa.date32())


def _minor(name: str, values: Any) -> Any:
    """Amounts in minor units, from text, decimals or doubles. Raises: ReadbackRefused for more than two decimals."""
    if pa.types.is_floating(values.type):
        exact = pc.fill_null(values, 0.0).to_numpy(zero_copy_only=False) * 100
        whole = np.rint(exact)
        if len(whole) and np.abs(exact - whole).max() > 0.01:
            raise ReadbackRefused(name, "an amount has more than two decimals.", what_now="Ask who set Sage up.")
        return pa.array(whole.astype(np.int64))
    if pa.types.is_integer(values.type):
        return pc.multiply(pc.fill_null(values.cast(pa.int64()), 0), 100)
    return pc.fill_null(minor_of_decimals(values.cast(pa.decimal128(18, 2))), 0)
