"""Text columns into typed ones: amounts, quantities, counts, moments, codes.

Each column comes as dictionary-encoded text, so what a column says is checked and converted once a
distinct value, then spread over the rows by index. Numbers among cells of a CSV text are converted from its
bytes, and by their texts only where those are not in the usual form.

Empty text is absent (null). A value that isn't what
the column holds is refused by line; nothing is guessed and no float is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.csv_cells import Cells, Positions
from storeday.model.errors import FileRejected
from storeday.model.sums import round_half_up
from storeday.model.tables import CODE, UTC

AMOUNT: Final = r"^-?[0-9]{1,8}(\.[0-9]{1,2})?$"
PADDED_AMOUNT: Final = r"^-?[0-9]{1,8}(\.[0-9]{1,2}0{0,8})?$"
FINE_PRICE: Final = r"^-?[0-9]{1,8}(\.[0-9]{1,6})?$"
QUANTITY: Final = r"^-?[0-9]{1,8}(\.[0-9]{1,3})?$"
PADDED_QUANTITY: Final = r"^-?[0-9]{1,8}(\.[0-9]{1,3}0{0,8})?$"
COUNT: Final = r"^[0-9]{1,9}$"
MOMENT: Final = r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"


@dataclass(frozen=True)
class TextRows:
    """Some rows of one file: text columns, the line of each row, and how to say which receipt a row is of."""

    name: str
    table: Any  # the columns: a pa.Table, or Cells
    lines: Positions
    labels: Mapping[str, str] = field(default_factory=dict)  # what a column is called in the file, where not the same
    receipt: str = "receipt"  # the column that names a row's receipt
    till: str = "till"  # the column that names its till; empty where there is none

    def where(self, mask: Any) -> TextRows:
        """The rows for which ``mask`` is true."""
        chosen = self.table.filter(mask if isinstance(self.table, Cells) else pa.array(mask))
        return replace(self, table=chosen, lines=self.lines[mask])

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def text(self, column: str) -> Any:
        """One column as it came, dictionary-encoded."""
        if isinstance(self.table, Cells):
            return self.table.column(column)
        merged = self.table.column(column).combine_chunks()
        return merged.chunk(0) if isinstance(merged, pa.ChunkedArray) and merged.num_chunks else merged

    def same(self, column: str, others: TextRows, places: Any) -> bool:
        """Whether each row says the same in a column as one of other rows, of the same text: that at ``places``."""
        if isinstance(self.table, Cells) and isinstance(others.table, Cells):
            return self.table.equals(column, others.table, places)
        return bool(pc.all(pc.equal(self.text(column), others.text(column).take(pa.array(places)))).as_py())

    def label(self, column: str) -> str:
        """What the file calls a column."""
        return self.labels.get(column, column)

    def refuse(self, row: int, why: str) -> FileRejected:
        """The rejection of this file for what stands in ``row``."""
        said = self.table.row(row) if isinstance(self.table, Cells) else self.table.slice(row, 1).to_pylist()[0]
        receipt = one_line(said[self.receipt]) if said.get(self.receipt) else None
        if receipt and self.till:
            receipt += f" of till {one_line(said[self.till])}"
        return FileRejected(self.name, why, line=int(self.lines[row]), receipt=receipt)


Convert = Callable[[Any], Any]


def typed(rows: TextRows, column: str, pattern: str | None, what: str, convert: Convert, *, required: bool) -> Any:
    """One column converted by distinct value.

    ``pattern`` is the form that a value must have, None where ``convert`` finds that out; ``what`` the words for
    it; ``convert`` turns an Arrow array of distinct texts into one of values. Empty text becomes null, or is
    refused where ``required``.
    Raises: FileRejected naming the first row that is wrong.
    """
    coded = rows.text(column)
    if convert is not _as_codes and not isinstance(rows.table, Cells):  # cells have no other rows' texts
        coded = _used_only(coded)
    distinct = coded.dictionary
    empty = pc.equal(distinct, "")
    formed = pc.or_(empty, pc.match_substring_regex(distinct, pattern)) if pattern else None
    wrong = _first_row(coded, pc.invert(formed)) if pattern else None
    if wrong is not None:
        raise rows.refuse(wrong, f"{rows.label(column)} {shown(coded[wrong])} is not {what}.")
    missing = _first_row(coded, empty) if required else None
    if missing is not None:
        raise rows.refuse(missing, f"{rows.label(column)} is empty and must be {what}.")
    safe = pc.if_else(empty, pa.scalar(None, pa.string()), distinct)
    try:
        values = convert(safe)
    except (pa.ArrowInvalid, ValueError):
        raise _unconvertible(rows, coded, column, what, convert) from None
    return values.take(coded.indices)


def amounts(rows: TextRows, column: str, *, required: bool = True) -> Any:
    """A money column in minor units."""
    what = "an amount with up to 8 digits and 2 decimals"
    return _exact(rows, column, AMOUNT, what, _scaled(100), 2, required=required)


def padded_amounts(rows: TextRows, column: str, *, required: bool = True) -> Any:
    """A money column in minor units whose texts may go on with zeros after the second decimal."""
    what = "an amount with up to 8 digits and 2 decimals"
    return typed(rows, column, PADDED_AMOUNT, what, _unpadded(_scaled(100), 2), required=required)


def fine_prices(rows: TextRows, column: str) -> Any:
    """A column of prices of one unit, up to 6 decimals, in minor units: a half is rounded up. They are shown only."""
    what = "a price with up to 8 digits and 6 decimals"
    return typed(rows, column, FINE_PRICE, what, _in_minor, required=True)


def quantities(rows: TextRows, column: str, *, required: bool = True) -> Any:
    """A quantity column in thousandths."""
    return _exact(rows, column, QUANTITY, "a quantity with up to 3 decimals", _scaled(1000), 3, required=required)


def padded_quantities(rows: TextRows, column: str, *, required: bool = True) -> Any:
    """A quantity column in thousandths whose texts may go on with zeros after the third decimal."""
    what = "a quantity with up to 3 decimals"
    return typed(rows, column, PADDED_QUANTITY, what, _unpadded(_scaled(1000), 3), required=required)


def counts(rows: TextRows, column: str, *, required: bool = True) -> Any:
    """A column of whole numbers, zero or more."""
    return _exact(rows, column, COUNT, "a whole number", lambda text: text.cast(pa.int64()), 0, required=required)


def moments(rows: TextRows, column: str) -> Any:
    """A column of ISO 8601 times with an offset, in UTC."""
    what = "a time like 2026-11-22T14:06:31+00:00"
    return typed(rows, column, MOMENT, what, lambda text: text.cast(UTC), required=True)


def codes(rows: TextRows, column: str, pattern: str, what: str, *, required: bool = True) -> Any:
    """A column of codes or names, dictionary-encoded, each of the given form."""
    return typed(rows, column, pattern, what, _as_codes, required=required)


def local_naive(moments_utc: Any, timezone: str) -> pd.Series[Any]:
    """UTC moments as the wall clock of a time zone shows them, without zone."""
    distinct = pc.dictionary_encode(moments_utc)
    if isinstance(distinct, pa.ChunkedArray):
        distinct = distinct.combine_chunks()
    wall = pd.Series(distinct.dictionary.to_pandas()).dt.tz_convert(timezone).dt.tz_localize(None)
    return pd.Series(wall.to_numpy()[distinct.indices.to_numpy()])


def _exact(
    rows: TextRows, column: str, pattern: str, what: str, convert: Convert, decimals: int, *, required: bool
) -> Any:
    """A column of numbers in units of their last decimal; the rest as in ``typed``."""
    if not isinstance(rows.table, Cells):
        return typed(rows, column, pattern, what, convert, required=required)
    empty = None if required else rows.table.is_empty(column)
    if empty is not None and empty.all():
        return pa.nulls(len(rows), pa.int64())
    values, sure = rows.table.exact(column, decimals)
    unsure = ~sure if empty is None else ~(sure | empty)
    if unsure.any():
        values[unsure] = typed(rows.where(unsure), column, pattern, what, convert, required=True)
    return pa.array(values, mask=empty)


def _scaled(factor: int) -> Convert:
    digits = len(str(factor)) - 1

    def convert(text: Any) -> Any:
        exact = text.cast(pa.decimal128(8 + digits, digits))
        return pc.multiply(exact, pa.scalar(Decimal(factor))).cast(pa.int64())

    return convert


def _in_minor(text: Any) -> Any:
    millionths = pc.multiply(text.cast(pa.decimal128(14, 6)), pa.scalar(Decimal(1_000_000))).cast(pa.int64())
    rounded = round_half_up(pc.fill_null(millionths, 0).to_numpy(zero_copy_only=False), 10_000)
    return pa.array(rounded, mask=pc.is_null(text).to_numpy(zero_copy_only=False))


def _unpadded(convert: Convert, decimals: int) -> Convert:
    return lambda text: convert(pc.replace_substring_regex(text, rf"(\.[0-9]{{{decimals}}})0+$", r"\1"))


def _as_codes(text: Any) -> Any:
    return pc.dictionary_encode(text).cast(CODE)


def _first_row(coded: Any, is_wrong: Any) -> int | None:
    """The first row whose distinct value is marked; None where no row's is."""
    marked = np.flatnonzero(is_wrong.to_numpy(zero_copy_only=False))
    if not len(marked):
        return None
    hits = np.flatnonzero(np.isin(coded.indices.to_numpy(), marked))
    return int(hits[0]) if len(hits) else None


def _used_only(coded: Any) -> Any:
    """The column with a dictionary of its own values only; rows of one kind share the whole file's dictionary."""
    place = coded.indices.to_numpy()
    used = np.flatnonzero(np.bincount(place, minlength=len(coded.dictionary)))
    if len(used) == len(coded.dictionary):
        return coded
    moved = np.zeros(len(coded.dictionary), dtype=np.int32)
    moved[used] = np.arange(len(used), dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(moved[place]), coded.dictionary.take(pa.array(used)))


def _unconvertible(rows: TextRows, coded: Any, column: str, what: str, convert: Convert) -> FileRejected:
    """Which row holds the well-formed value that still means nothing (31 February, say)."""
    for at, value in enumerate(coded.dictionary.to_pylist()):
        try:
            convert(pa.array([value or None], pa.string()))
        except (pa.ArrowInvalid, ValueError):
            row = int(np.flatnonzero(coded.indices.to_numpy() == at)[0])
            return rows.refuse(row, f"{rows.label(column)} {shown(value)} is not {what}.")
    raise AssertionError(f"{column}: a column that fails as a whole fails in one of its values")


def shown(value: Any) -> str:
    """A text of a file, or an Arrow scalar of one, in quotes as a message may hold it."""
    text = value.as_py() if hasattr(value, "as_py") else value
    return repr(one_line(str(text)))


def one_line(text: str) -> str:
    """Text of a file as a message may hold it: one short line, nothing that a terminal would obey."""
    return re.sub(r"[^\x21-\x7e\u00a1-\U0010ffff]+", " ", text)[:60]
