"""Lines and tenders of a declared feed: each finds its receipt and takes till and trading day from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from storeday.feeds.declared.receipts import UNKNOWN, Owners
from storeday.feeds.declared.rows import Rows, no_codes
from storeday.feeds.declared.says import Says
from storeday.feeds.declared.shape import Lines, Tenders
from storeday.model.tables import LINES, TENDERS

Found = dict[tuple[str, Says], Any]
"""For each file and way to name a receipt: the receipt of each of the file's rows, looked up once."""


def lines_table(declared: tuple[Lines, ...], rows: dict[str, Rows], owners: Owners, found: Found) -> pa.Table:
    """Canonical lines, those of a receipt together, numbered as they stand. Raises: FileRejected."""
    parts = []
    for lines in declared:
        kept, owner = _kept(lines, rows, owners, found)
        parts.append((owner, _lines(lines, kept)))
    return _together(parts, owners, LINES)


def tenders_table(declared: tuple[Tenders, ...], rows: dict[str, Rows], owners: Owners, found: Found) -> pa.Table:
    """Canonical tenders likewise. Raises: FileRejected."""
    parts = []
    for tenders in declared:
        kept, owner = _kept(tenders, rows, owners, found)
        said = {
            "tender": tenders.tender.of(kept),
            "amount_minor": pa.array(tenders.amount.of(kept)),
            "file_line": pa.array(kept.lines, pa.int32()),
        }
        parts.append((owner, said))
    return _together(parts, owners, TENDERS)


def _kept(declared: Lines | Tenders, rows: dict[str, Rows], owners: Owners, found: Found) -> tuple[Rows, Any]:
    """The rows that a declaration means and whose receipt counts, and those receipts.

    Raises: FileRejected for a row whose receipt is not in the slice.
    """
    mine, key = rows[declared.of], (declared.of, declared.receipt)
    if key not in found:
        found[key] = owners.places(declared.receipt.of(mine))
    place = found[key]
    meant = np.ones(len(mine), dtype=bool) if declared.rows is None else declared.rows.of(mine)
    lost = meant & (place == UNKNOWN)
    if lost.any():
        raise mine.refuse(int(np.argmax(lost)), f"no receipt of this row is in {owners.name}.")
    meant = meant & (place >= 0)
    return mine.where(meant), place[meant]


def _lines(declared: Lines, rows: Rows) -> dict[str, Any]:
    gross = declared.gross.of(rows)
    return {
        "sku": declared.sku.of(rows),
        "description": declared.description.of(rows) if declared.description else no_codes(len(rows)),
        "category": declared.category.of(rows),
        "quantity_milli": pa.array(_quantity(declared.quantity, rows, gross)),
        "unit_price_minor": pa.nulls(len(rows), pa.int64()),  # no export of ours says it beside the line's total
        "discount_minor": pa.array(_amount(declared.discount, rows)),
        "gross_minor": pa.array(gross),
        "tax_class": declared.tax_class.of(rows),
        "tax_minor": pa.array(_amount(declared.tax, rows)),
        "file_line": pa.array(rows.lines, pa.int32()),
    }


def _quantity(word: Any, rows: Rows, gross: Any) -> Any:
    """Thousandths, below zero where the line is; some exports leave the minus off a returned quantity."""
    if word is None:
        return np.sign(gross) * 1000
    quantity = word.of(rows)
    return np.where(gross < 0, -np.abs(quantity), quantity)


def _amount(word: Any, rows: Rows) -> Any:
    return np.zeros(len(rows), dtype=np.int64) if word is None else word.of(rows)


def _together(parts: list[tuple[Any, dict[str, Any]]], owners: Owners, schema: Any) -> pa.Table:
    """The parts as one canonical table in the order of their receipts, with what the receipts say of them."""
    if not parts or not owners.receipts.num_rows:
        return schema.empty_table()
    owner = np.concatenate([part for part, _ in parts])
    own = [field for field in schema if field.name in parts[0][1]]
    said = pa.concat_tables(
        [pa.table([columns[f.name].cast(f.type) for f in own], schema=pa.schema(own)) for _, columns in parts]
    )
    order = np.argsort(owner, kind="stable")
    owner, said = owner[order], said.unify_dictionaries().combine_chunks().take(pa.array(order))
    starts = np.searchsorted(owner, owner)
    place = pa.array(owner)
    columns = {
        **{
            name: owners.receipts.column(name).combine_chunks().take(place)
            for name in ("till", "receipt", "trading_day")
        },
        "line": pa.array(np.arange(len(owner)) - starts + 1, pa.int32()),
        **{name: said.column(name) for name in said.column_names},
    }
    return pa.table([_flat(columns[field.name]).cast(field.type) for field in schema], schema=schema)


def _flat(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
