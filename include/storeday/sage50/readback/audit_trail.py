"""Sage's audit trail as a CSV file without headings, in journal view: the double entry, a line a leg.

Columns, from 0: 0 transaction number, 1 type, 2 nominal, 3 date DD/MM/YYYY, 4 reference, 5 debit, 6 credit, 14 details.
All legs of a transaction carry its number; from them its row is put together again. Tax codes, departments and the
Extra Reference are not in it. Source: docs/reconcile.md, "Ways to read"; known from one public reader of such a file.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import pyarrow as pa

from storeday.sage50.readback.texts import Columns, columns_of, first_cells
from storeday.sage50.readback.trail import (
    BANK_TYPES,
    JOURNAL_TYPES,
    Export,
    ReadbackRefused,
    Shows,
    Trail,
    frame_of,
    trail_frame,
)

_LEAST: Final = 15
_DEBITS_ITS_ACCOUNT: Final = ("BR", "CR", "VR", "SI", "SP", "PC", "PA")
"""Types whose account, bank or ledger control is the debit; the others' is the credit."""


def read_audit_trail(name: str, content: bytes, sales_tax: str = "2200", purchase_tax: str = "2201") -> Trail:
    """The trail of an export in journal view.

    Raises: ReadbackRefused naming file, line and what to do, also where a transaction's legs don't come to nothing.
    """
    cells = first_cells(content)
    if cells and len(cells) < _LEAST:
        why = f"it has {len(cells)} columns, and the audit trail in journal view has {_LEAST} or more."
        raise ReadbackRefused(name, why, 1, "Export the audit trail with its journals, without headings.")
    found = columns_of(name, content, [str(n) for n in range(len(cells) or _LEAST)])
    legs = _legs(found)
    journals = legs[legs["type"].isin(JOURNAL_TYPES)]
    others = legs[~legs["type"].isin(JOURNAL_TYPES)]
    rows = pd.concat([_journal_rows(journals), _rows(found, others, {sales_tax, purchase_tax})]).sort_values("line")
    columns = {column: pa.array(rows[column], from_pandas=True) for column in rows.columns}
    return Trail(Export.AUDIT_TRAIL, name, trail_frame(columns), frozenset({Shows.NOMINALS}), legs=_by_nominal(legs))


def _legs(found: Columns) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "line": found.lines,
        "number": found.whole("0"),
        "type": found.text("1"),
        "nominal": found.text("2"),
        "date": found.day("3"),
        "reference": found.text("4"),
        "details": found.text("14"),
        "debit": found.minor("5"),
        "credit": found.minor("6"),
    }
    legs = frame_of(pa.table(columns))
    legs["minor"] = legs["debit"] - legs["credit"]
    return legs


def _by_nominal(legs: pd.DataFrame) -> pd.DataFrame:
    return legs[["number", "nominal", "minor"]]


def _journal_rows(legs: pd.DataFrame) -> pd.DataFrame:
    rows = legs[["line", "number", "type", "nominal", "date", "reference", "details"]].copy()
    rows["account"], rows["net_minor"], rows["tax_minor"] = "", legs["minor"].abs(), 0
    rows["is_deleted"] = False
    return rows


def _rows(found: Columns, legs: pd.DataFrame, tax_nominals: set[str]) -> pd.DataFrame:
    """The rows that legs of receipts, payments, invoices and credits come from: account, nominal, net and tax."""
    if legs.empty:
        return _journal_rows(legs)
    unbalanced = legs.groupby("number")["minor"].sum().loc[lambda sums: sums != 0]
    if len(unbalanced):
        at = legs.loc[legs["number"] == unbalanced.index[0], "line"].iloc[0] - 1
        number = unbalanced.index[0]
        found.refuse(int(at), f"the debits and credits of transaction {number} are not the same: not the journal view?")
    on_account = legs["type"].isin(_DEBITS_ITS_ACCOUNT) == (legs["minor"] > 0)
    accounts, sides = legs[on_account], legs[~on_account]
    is_tax = sides["nominal"].isin(tax_nominals) & sides.duplicated("number", keep=False)
    nets, taxes = sides[~is_tax], sides[is_tax]
    doubled = nets["number"].duplicated() | ~nets["number"].isin(accounts["number"])
    if doubled.any():
        at, number = nets.loc[doubled, ["line", "number"]].iloc[0]
        found.refuse(int(at) - 1, f"transaction {number} has several nominals on one side: not a number a transaction?")
    rows = nets[["line", "number", "type", "nominal", "date", "reference", "details"]].copy()
    rows["net_minor"] = nets["minor"].abs()
    tax = taxes.groupby("number")["minor"].sum().abs()
    rows["tax_minor"] = rows["number"].map(tax).fillna(0).astype("int64[pyarrow]")
    banks = accounts.drop_duplicates("number").set_index("number")["nominal"]
    rows["account"] = rows["number"].map(banks).where(rows["type"].isin(BANK_TYPES))
    rows["is_deleted"] = False
    return rows
