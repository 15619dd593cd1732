"""One receipt once: the same receipt again is dropped and counted, other content under its number is a conflict.

The key is (store, till, trading day, receipt); the content is all that the tills say of the receipt, its
lines and tenders with it, but not the file it came in. So overlapping slices and a file sent twice do no
harm, and two identical baskets under two numbers are both kept. Where a person chose one of the files that
contradict each other, the others give way to it, number by number. Source: docs/feeds/storeday-csv.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.model.sums import sum_by
from storeday.model.tables import RECEIPT_ROW, Tables

_NOT_CONTENT = ("file", "file_line", "receipt_row", "trading_day", "till", "receipt")


@dataclass(frozen=True)
class Once:
    """A store-day's tables with every receipt once, and what that took."""

    tables: Tables
    duplicates: int  # receipts dropped because they were there already with the same content
    versions: Any  # for each receipt kept: how many different contents its number has (1 is right)
    sides: tuple[str, ...] = ()  # digests of the files with a receipt whose number has several contents


def each_receipt_once(tables: Tables, choices: Sequence[tuple[str, ...]] = ()) -> Once:
    """Drop repeated receipts with their lines and tenders; Zs, counted tenders and counts likewise.

    ``choices`` are digests of files that contradict each other; the first of each is the one that counts.
    """
    for chosen, *others in choices:
        tables = _give_way(tables, chosen, others)
    receipts = tables.receipts
    number, size = _numbers(receipts, ("till", "receipt")), receipts.num_rows
    versions = np.ones(size, dtype=np.int64)
    keep = np.ones(size, dtype=bool)
    sides: tuple[str, ...] = ()
    if pd.Series(number).duplicated().any():
        content = checksums(tables)
        first_of_content = ~pd.DataFrame({"number": number, "content": content}).duplicated()
        per_number = pd.Series(first_of_content.to_numpy()).groupby(number).transform("sum")
        versions = per_number.to_numpy(dtype=np.int64)
        keep = first_of_content.to_numpy()
        in_conflict = pd.Series(number).isin(number[versions > 1]).to_numpy()
        sides = tuple(sorted(receipts.filter(pa.array(in_conflict)).column("file").unique().to_pylist()))
    kept = Tables(
        receipts=receipts.filter(pa.array(keep)),
        lines=_of_kept(tables.lines, keep),
        tenders=_of_kept(tables.tenders, keep),
        z=_distinct(tables.z),
        ztenders=_distinct(tables.ztenders),
        counts=_distinct(tables.counts),
    )
    return Once(kept, duplicates=int(size - keep.sum()), versions=versions[keep], sides=sides)


def _give_way(tables: Tables, chosen: str, others: list[str]) -> Tables:
    """Without those receipts, Zs and counts of the other files whose number the chosen file has as well."""
    receipts = _yielding(tables.receipts, "receipt", tables.receipts, chosen, others)
    zs, counted = (_yielding(table, "z", tables.z, chosen, others) for table in (tables.z, tables.ztenders))
    return Tables(
        receipts=tables.receipts.filter(pa.array(~receipts)),
        lines=_of_kept(tables.lines, ~receipts),
        tenders=_of_kept(tables.tenders, ~receipts),
        z=tables.z.filter(pa.array(~zs)),
        ztenders=tables.ztenders.filter(pa.array(~counted)),
        counts=tables.counts,
    )


def _yielding(table: pa.Table, number: str, numbered: pa.Table, chosen: str, others: list[str]) -> Any:
    """Which rows of the other files have a till and number that the chosen file has in ``numbered``."""
    there = numbered.filter(pc.equal(_text(numbered, "file"), chosen))
    is_theirs = pc.is_in(_text(table, "file"), pa.array(others, pa.string()))
    known = pc.binary_join_element_wise(_text(there, "till"), _text(there, number), " ").combine_chunks()
    is_known = pc.is_in(pc.binary_join_element_wise(_text(table, "till"), _text(table, number), " "), known)
    return pc.and_(is_theirs, is_known).to_numpy()


def _text(table: pa.Table, column: str) -> Any:
    return table.column(column).cast(pa.string())


def _numbers(table: pa.Table, columns: tuple[str, ...]) -> Any:
    """One integer for each combination of dictionary-encoded columns."""
    coded = np.zeros(table.num_rows, dtype=np.int64)
    for name in columns:
        column = table.column(name).combine_chunks()
        coded = coded * (len(column.dictionary) + 1) + column.indices.to_numpy()
    return coded


def checksums(tables: Tables) -> Any:
    """A 64-bit checksum of what each receipt says, the sum of its rows' digests (each row has its line number)."""
    size = tables.receipts.num_rows
    digest = row_digests(tables.receipts)
    for table in (tables.lines, tables.tenders):
        digest = digest * 31 + sum_by(table.column("receipt_row").to_numpy(), row_digests(table), size)
    return digest


def row_digests(table: pa.Table) -> Any:
    """A 64-bit digest of each row's content, whatever file, till and number it came under."""
    content = table.drop_columns([name for name in _NOT_CONTENT if name in table.column_names])
    plain = content.cast(pa.schema([(f.name, _plain(f.type)) for f in content.schema]))
    return pd.util.hash_pandas_object(plain.to_pandas(), index=False).to_numpy().view(np.int64)


def _plain(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _of_kept(table: pa.Table, keep: Any) -> pa.Table:
    if keep.all():
        return table
    rows = table.column("receipt_row").to_numpy()
    moved = (np.cumsum(keep) - 1)[rows]
    place = table.schema.get_field_index(RECEIPT_ROW.name)
    table = table.set_column(place, RECEIPT_ROW, pa.array(moved, RECEIPT_ROW.type))
    return table.filter(pa.array(keep[rows]))


def _distinct(table: pa.Table) -> pa.Table:
    """Rows of the tills' closes and counts, each once; the same Z in two files is one Z."""
    if table.num_rows < 2:
        return table
    said = [table.column(name).to_pylist() for name in table.column_names if name not in ("file", "file_line")]
    first = {row: number for number, row in reversed(list(enumerate(zip(*said, strict=True))))}
    return table if len(first) == table.num_rows else table.take(pa.array(sorted(first.values())))
