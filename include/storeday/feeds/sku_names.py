"""The company's SKUs in place of what single stores' tills call its articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from storeday.model.tables import Tables


def under_company_skus(tables: Tables, names: Mapping[str, str]) -> Tables:
    """A store-day's tables with the SKU of each article in lines and counts; other codes stay as they are.

    ``names`` has the SKU by the tills' code.
    """
    if not names:
        return tables
    return replace(tables, lines=_named(tables.lines, names), counts=_named(tables.counts, names))


def _named(table: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """The table with its SKUs named anew: only the dictionary is looked through, the rows are renumbered at once."""
    if not table.num_rows:
        return table
    place = table.schema.get_field_index("sku")
    column = table.column(place).combine_chunks()
    said = column.dictionary.to_pylist()
    if not any(code in names for code in said):
        return table
    skus = [names.get(code, code) for code in said]
    distinct = list(dict.fromkeys(skus))
    numbers = {sku: number for number, sku in enumerate(distinct)}
    moved = np.array([numbers[sku] for sku in skus], np.int32)
    return table.set_column(place, table.schema.field(place), _renumbered(column, moved, distinct))


def _renumbered(column: Any, moved: Any, distinct: list[str]) -> Any:
    empty = column.indices.is_null().to_numpy(zero_copy_only=False)
    rows = moved[column.indices.fill_null(0).to_numpy()]
    return pa.DictionaryArray.from_arrays(pa.array(rows, pa.int32(), mask=empty), pa.array(distinct, pa.string()))
