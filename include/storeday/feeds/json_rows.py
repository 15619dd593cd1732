"""A JSON export as rows of text, so that it can be read by declarations as a CSV file is.

Numbers stay the text that they are written as: no float is made. Objects become Arrow structs in one step and
are taken apart as whole columns. A file is parsed in memory as a whole, so its size is bounded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storeday.feeds.columns import TextRows, shown
from storeday.feeds.csv_cells import Positions
from storeday.model.errors import FileRejected
from storeday.model.tables import CODE


def read_json(name: str, content: bytes) -> Any:
    """What a JSON file says, numbers as text. Raises: FileRejected with the line where it is none."""
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_number, object_pairs_hook=_once_each)
    except UnicodeDecodeError as wrong:
        raise FileRejected(name, "the file is no UTF-8 text.", line=content.count(b"\n", 0, wrong.start) + 1) from None
    except json.JSONDecodeError as wrong:
        raise FileRejected(name, f"the file is no whole JSON: {wrong.msg}.", line=wrong.lineno) from None
    except (ValueError, RecursionError) as wrong:  # the second for brackets nested without end
        raise FileRejected(name, f"the file is no JSON that can be read: {wrong}.") from None


def structs(name: str, objects: Any, kind: pa.StructType, what: str) -> Any:
    """A list of JSON objects as an Arrow array of structs; keys that ``kind`` doesn't have are left out.

    Raises: FileRejected where it is no list of such objects.
    """
    try:
        return pa.array(objects, pa.list_(kind).value_type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError) as wrong:
        said = str(wrong).splitlines()[0][:160]
        raise FileRejected(name, f"{what} have another form than is known: {said}.") from None


def text_rows(name: str, columns: Mapping[str, Any], lines: Positions, receipt: str) -> TextRows:
    """Columns of text as rows; what says nothing is an empty text. ``receipt`` is the column that names a receipt."""
    coded = {
        column: pc.fill_null(values.cast(pa.string()), "").dictionary_encode().cast(CODE)
        for column, values in columns.items()
    }
    return TextRows(name, pa.table(coded), lines, receipt=receipt, till="")


def lines_of(content: bytes, mark: bytes, count: int) -> Positions:
    """The line of the file on which each of ``count`` objects has the key ``mark``; 1 where it isn't in each once."""
    found: list[int] = []
    at = content.find(mark)
    while at >= 0 and len(found) <= count:
        found.append(at)
        at = content.find(mark, at + 1)
    if len(found) != count:
        return np.ones(count, dtype=np.int64)
    feeds = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
    lines: Positions = np.searchsorted(feeds, np.array(found, dtype=np.int64)).astype(np.int64) + 1
    return lines


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, whose keys say one thing each: of two amounts under one key neither is the right one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key in found if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"the key {shown(twice)} stands twice in one object")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no amount")
