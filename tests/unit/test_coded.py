"""Counting and summing by codes gives what a table library's group-by gives, also where codes are missing."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from storeday.model.coded import sums_by_code, sums_by_codes
from storeday.model.tables import CODE

CODES = st.sampled_from(["CASH", "VISA", "", None, "01"])
ROWS = st.lists(st.tuples(CODES, CODES, st.integers(-(2**60), 2**60)), max_size=4)


def table_of(rows: list[tuple[str | None, str | None, int]]) -> pa.Table:
    first, second, amounts = ([row[number] for row in rows] for number in range(3))
    columns = {"a": pa.array(first, pa.string()).cast(CODE), "b": pa.array(second, pa.string())}
    return pa.table({**columns, "minor": pa.array(amounts, pa.int64())})


@given(ROWS)
def test_a_code_has_the_rows_and_the_sum_that_a_group_by_gives(rows: list[tuple[str | None, str | None, int]]) -> None:
    table = table_of(rows)
    grouped = table.group_by("a").aggregate([("minor", "count"), ("minor", "sum")]).to_pylist()

    assert sums_by_code(table, "a", "minor") == {g["a"]: (g["minor_count"], g["minor_sum"]) for g in grouped}


@given(ROWS)
def test_so_has_a_pair_of_codes(rows: list[tuple[str | None, str | None, int]]) -> None:
    table = table_of(rows)
    grouped = table.group_by(["a", "b"]).aggregate([("minor", "sum")]).to_pylist()

    assert sums_by_codes(table, ("a", "b"), "minor") == {(g["a"], g["b"]): g["minor_sum"] for g in grouped}
