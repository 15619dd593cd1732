"""Receipts of a POSLog: the canonical table, and which Transactions carry money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.base import ReadingRules
from storeday.feeds.columns import TextRows, codes, local_naive, one_line, padded_amounts
from storeday.feeds.poslog.dialect import RETAIL, Dialect
from storeday.feeds.poslog.forms import CODE_FORM, NUMBER, TILL, days, flags, times
from storeday.model.money import money
from storeday.model.sums import sum_by
from storeday.model.tables import CODE, RECEIPTS, REFUND, SALE

_KINDS: Final = (SALE, REFUND, "training", "void", "no_sale")


@dataclass(frozen=True)
class Receipts:
    """The Transactions of a file, in its order."""

    table: pa.Table  # model.tables.RECEIPTS
    counts: Any  # a mask: those that carry money
    notes: tuple[str, ...] = ()

    @property
    def gross_minor(self) -> int:
        """Takings: sales less refunds."""
        return int(self.table.column("gross_minor").to_numpy().sum())


def receipts_of(dialect: Dialect, rows: TextRows, rules: ReadingRules) -> Receipts:
    """The receipts of a file. Raises: FileRejected for what is missing, malformed, foreign or unheard of."""
    _check_origin(rows, rules)
    kind = _kinds(dialect, rows)
    counts = kind < 2
    gross = _carried(rows, counts, "gross")
    tax = _carried(rows, counts, "tax") if dialect.receipt.tax else np.zeros_like(gross)
    kind = np.where(counts & (gross < 0), 1, kind)
    at = times(rows, "at", dialect.receipt.clock, rules.timezone)
    columns = {
        "till": codes(rows, "till", *TILL),
        "receipt": codes(rows, "receipt", *NUMBER),
        "trading_day": _trading_days(dialect, rows, at, rules),
        "at": at,
        "kind": pa.DictionaryArray.from_arrays(pa.array(kind, pa.int32()), pa.array(_KINDS)).cast(CODE),
        "gross_minor": pa.array(gross),
        "tax_minor": pa.array(tax),
        "customer": pa.nulls(len(rows), pa.string()),
        "original": codes(rows, "original", *CODE_FORM, required=False).cast(pa.string()),
        "file_line": pa.array(rows.lines, pa.int32()),
    }
    table = pa.table([columns[name] for name in RECEIPTS.names], schema=RECEIPTS)
    return Receipts(table, counts, tuple(_net_notes(dialect, rows, counts, gross - tax)))


def with_tax_of_lines(receipts: Receipts, tax_minor: Any, owner: Any) -> Receipts:
    """The receipts with the tax that their lines say, where the file has no total of it."""
    place = RECEIPTS.get_field_index("tax_minor")
    tax = pa.array(sum_by(owner, tax_minor, receipts.table.num_rows))
    return replace(receipts, table=receipts.table.set_column(place, RECEIPTS.field(place), tax))


def _check_origin(rows: TextRows, rules: ReadingRules) -> None:
    store = rules.pos_store_id or rules.store
    if (row := _first(pc.not_equal(rows.text("store"), store))) is not None:
        said = rows.text("store")[row].as_py()[:40]
        raise rows.refuse(row, f"a row of another store: {rows.label('store')} {said!r}, not {store}.")
    currency = rows.text("currency")
    if len(currency) and (row := _first(pc.not_equal(currency, currency[0]))) is not None:
        said, whole = (one_line(currency[place].as_py()) for place in (row, 0))
        raise rows.refuse(row, f"amounts in {said or 'no currency'} in a file of {whole or 'no currency'}.")


def _kinds(dialect: Dialect, rows: TextRows) -> Any:
    """Each receipt's place in _KINDS; a sale or refund is 0 yet."""
    said, known = rows.text("what"), dialect.receipt.kinds
    if (row := _first(pc.invert(pc.is_in(said, pa.array([*known], pa.string()))))) is not None:
        told = one_line(said[row].as_py()) or "no kind"
        why = f"a Transaction of {told}: whether it counts is not known of this dialect."
        raise rows.refuse(row, why)
    meant = {text: 0 if kind == RETAIL else _KINDS.index(kind) for text, kind in known.items()}
    kind = _spread(said, [meant[text] for text in said.dictionary.to_pylist()])
    is_retail = kind == 0
    kind = np.where(is_retail & flags(rows, "cancelled"), _KINDS.index("void"), kind)
    kind = np.where(is_retail & flags(rows, "training"), _KINDS.index("training"), kind)
    status = rows.text("status")
    place = [_place(text, dialect.receipt.counted, dialect.receipt.uncounted) for text in status.dictionary.to_pylist()]
    kind = np.where(kind == 0, _spread(status, place), kind)
    if (row := _first(pa.array(kind < 0))) is not None:
        said_status = status[row].as_py()[:40]
        why = f"{rows.label('status')} {said_status!r}: whether such a sale counts is not known of this dialect."
        what_now = "If it counts, add it to feed_settings.counted_statuses of the store."
        raise replace(rows.refuse(row, why), what_now=what_now)
    return kind


def _place(status: str, counted: tuple[str, ...], uncounted: tuple[str, ...]) -> int:
    return 0 if status in counted else _KINDS.index("void") if status in uncounted else -1


def _net_notes(dialect: Dialect, rows: TextRows, counts: Any, net: Any) -> Iterator[str]:
    """A note where the till's own net is not its total less its tax: both of these are carried as it says them."""
    if dialect.receipt.net is None:
        return
    gap = net - _carried(rows, counts, "net")
    if len(off := np.flatnonzero(gap)):
        first = rows.table.slice(int(off[0]), 1).to_pylist()[0]
        yield (
            f"{rows.name}: in {len(off):,} of {int(counts.sum()):,} receipts the till's net and tax are not its total, "
            f"by {money(int(gap.sum()))} in all; total and tax are as the till says them, the net is what they leave; "
            f"first: receipt {first['receipt']} of till {first['till']}"
        )


def _carried(rows: TextRows, counts: Any, column: str) -> Any:
    """An amount of the receipts that carry money, 0 of the others, which need not say any."""
    carried = np.zeros(len(rows), dtype=np.int64)
    carried[counts] = padded_amounts(rows.where(counts), column).to_numpy(zero_copy_only=False)
    return carried


def _trading_days(dialect: Dialect, rows: TextRows, at: Any, rules: ReadingRules) -> Any:
    if dialect.receipt.day is not None:
        return days(rows, "day")
    shifted = local_naive(at, rules.timezone) - pd.Timedelta(minutes=rules.day_starts_minutes)
    return pa.array(shifted.dt.normalize().to_numpy().astype("datetime64[D]"))


def _spread(coded: Any, values: list[Any]) -> Any:
    """A value for each distinct text, over the rows."""
    return np.array([*values, 0], dtype=np.int64)[coded.indices.to_numpy()]


def _first(mask: Any) -> int | None:
    hits = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
    return int(hits[0]) if len(hits) else None
