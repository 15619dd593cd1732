"""Columns of codes as numbers: what sums and frames group by, without a table of text being made.

A store-day has few codes and small tables. There a group-by of a table library costs a hundred times what adding up
does, so codes are counted and summed by their place in the column's dictionary.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.model.sums import Ints, sum_by

Named = list[str | None]


def coded(column: Any) -> tuple[Named, Ints]:
    """The codes of a column, None at the end, and for each row the place of its code among them."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    names: Named = whole.dictionary.to_pylist()
    places = whole.indices
    if places.null_count:
        places = pc.fill_null(places, len(names))
    numbers: Ints = places.to_numpy(zero_copy_only=False).astype(np.int64)
    return [*names, None], numbers


def sums_by_code(table: pa.Table, code: str, amount: str) -> dict[str | None, tuple[int, int]]:
    """How many rows each code has and what they sum to; None is of rows without a code."""
    names, place = coded(table.column(code))
    counts = np.bincount(place, minlength=len(names))
    sums = sum_by(place, table.column(amount).to_numpy(), len(names))
    return {names[number]: (int(counts[number]), int(sums[number])) for number in np.flatnonzero(counts).tolist()}


def sums_by_codes(table: pa.Table, codes: tuple[str, str], amount: str) -> dict[tuple[str | None, str | None], int]:
    """What the rows of each pair of codes sum to."""
    (first, of_first), (second, of_second) = (coded(table.column(code)) for code in codes)
    pairs, place = np.unique(of_first * len(second) + of_second, return_inverse=True)
    sums = sum_by(place, table.column(amount).to_numpy(), len(pairs))
    names = [(first[pair // len(second)], second[pair % len(second)]) for pair in pairs.tolist()]
    return dict(zip(names, sums.tolist(), strict=True))
