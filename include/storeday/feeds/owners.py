"""Which receipt a line or a tender belongs to, which Z a counted tender: by till and number within one file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from storeday.model.errors import FileRejected
from storeday.model.sums import Ints


def owner_rows(
    owners: pa.Table, number: str, till: Any, child_number: Any, child_lines: Any, files: tuple[Any, Any] | None = None
) -> Any:
    """For each child row its owner's row in ``owners``, -1 where there is none; an int64 array.

    ``owners`` has till, the column ``number`` (receipt or z) and file_line. Children mostly stand right
    below their owner: that is tried first, and proven; only what is not so is looked up. Of rows of several
    files, those of each together and in the same order, ``files`` are the numbers of the owners' and the children's:
    a child's owner is in its own file.
    """
    if not owners.num_rows:
        return np.full(len(till), -1, dtype=np.int64)
    owner_till, owner_number = (_flat(owners.column(name)) for name in ("till", number))
    tills, numbers = _same_codes(owner_till, _flat(till)), _same_codes(owner_number, _flat(child_number))
    lines: tuple[Any, Any] = owners.column("file_line").to_numpy(), np.asarray(child_lines)
    if files is not None:
        apart = len(owner_till.dictionary) + 1
        tills = tuple(place.astype(np.int64) * apart + 1 + code for place, code in zip(files, tills, strict=True))
        lines = tuple(place.astype(np.int64) << 32 | line for place, line in zip(files, lines, strict=True))
    owner_codes, child_codes = (t.astype(np.int64) << 32 | n for t, n in zip(tills, numbers, strict=True))
    above = np.searchsorted(lines[0], lines[1], side="right") - 1
    above = np.maximum(above, 0)
    if bool((owner_codes[above] == child_codes).all()) and not pd.Series(owner_codes).duplicated().any():
        return above
    first = pd.Series(owner_codes).drop_duplicates()  # a number twice in one file is for the checks to tell
    place = pd.Index(first).get_indexer(pd.Index(child_codes))
    return np.where(place < 0, -1, first.index.to_numpy()[place])


def with_days(
    name: str,
    tables: list[pa.Table],
    owners: pa.Table,
    key: str,
    schema: Any,
    files: Callable[[Any], Ints],
    *,
    is_known: bool,
) -> pa.Table:
    """The tables as one, with the trading day of each row's receipt (or Z), which must be in the same file.

    ``files`` gives the numbers of the files that some lines are of; ``is_known`` is whether a day that a table has
    already is the right one.
    """
    if is_known and all("trading_day" in table.schema.names for table in tables):
        return together(tables, schema)
    bare = schema.remove(schema.get_field_index("trading_day"))
    table = together([table.select(bare.names) for table in tables], bare)
    lines = table.column("file_line").to_numpy()
    of_files = files(owners.column("file_line").to_numpy()), files(lines)
    place = owner_rows(owners, key, table.column("till"), table.column(key), lines, of_files)
    if len(place) and place.min() < 0:
        row = int(np.argmin(place))
        word = "RECEIPT" if key == "receipt" else "Z"
        said = f"{table.column(key)[row].as_py()} of till {table.column('till')[row].as_py()}"
        why = f"the file has no {word} row for this row."
        raise FileRejected(name, why, line=int(lines[row]), receipt=said)
    days = owners.column("trading_day").combine_chunks().take(pa.array(place))
    return table.add_column(schema.get_field_index("trading_day"), schema.field("trading_day"), days)


def together(tables: list[pa.Table], schema: Any) -> pa.Table:
    """One table of several, each column in one piece; ``tables`` is emptied, so that no column is there twice."""
    if not tables:
        return schema.empty_table()
    columns = []
    for field in schema:
        pieces = pa.chunked_array([table.column(0).chunk(0) for table in tables], field.type)
        tables[:] = [table.remove_column(0) for table in tables]
        columns.append(pieces.unify_dictionaries().combine_chunks())
        del pieces
        pa.default_memory_pool().release_unused()  # what the pieces took, before the next column is put together
    return pa.table(columns, schema=schema)


def has_doubles(owners: pa.Table, number: str, files: Callable[[Any], Ints]) -> bool:
    """Whether one number of one till stands twice among receipts or Zs of one file."""
    till, codes = (_flat(owners.column(name)) for name in ("till", number))
    file = files(owners.column("file_line").to_numpy())
    of_till = file * len(till.dictionary) + till.indices.to_numpy()
    return bool(pd.Series(of_till << 32 | codes.indices.to_numpy()).duplicated().any())


def _flat(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _same_codes(owner: Any, child: Any) -> tuple[Any, Any]:
    """Both columns as integers that mean the same text; -1 in the child for what no owner has."""
    mine = owner.indices.to_numpy()
    if owner.dictionary is child.dictionary or owner.dictionary.equals(child.dictionary):
        return mine, child.indices.to_numpy()
    theirs = pc.index_in(child.dictionary, owner.dictionary).fill_null(-1).to_numpy(zero_copy_only=False)
    return mine, theirs[child.indices.to_numpy()]
