"""Which rules judge each row by itself, so that the rows of many store-days can be judged at once.

A rule about a column as a whole (its sum, its order, its values being unique) comes to something else over the rows of
several store-days. So only rules that are known to be of the first kind are taken for it.
"""

from __future__ import annotations

from typing import Any, Final

JUDGES_ROWS: Final = frozenset(
    {
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_be_null",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_match_regex",
        "expect_column_values_to_match_regex_list",
        "expect_column_values_to_not_match_regex_list",
        "expect_column_value_lengths_to_be_between",
        "expect_column_value_lengths_to_equal",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_equal",
        "expect_column_pair_values_to_be_in_set",
        "expect_multicolumn_sum_to_equal",
        "expect_select_column_values_to_be_unique_within_record",
    }
)
"""Great Expectations' rules whose verdict on a row is a matter of that row alone."""

_NAMES_COLUMNS: Final = ("column", "column_A", "column_B", "column_list")
_NOT_EVERY_ROW: Final = ("row_condition", "condition_parser")


def judges_rows(suite: list[dict[str, Any]]) -> bool:
    """Whether every rule of a suite judges each row by itself, and holds every row to it."""
    return all(
        rule["type"] in JUDGES_ROWS
        and rule["kwargs"].get("mostly") in (None, 1)
        and not any(rule["kwargs"].get(name) for name in _NOT_EVERY_ROW)
        for rule in suite
    )


def columns_of(suite: list[dict[str, Any]]) -> set[str]:
    """The columns that the rules of a suite look at."""
    named: set[str] = set()
    for rule in suite:
        for name in _NAMES_COLUMNS:
            said = rule["kwargs"].get(name)
            named |= {said} if isinstance(said, str) else set(said or ())
    return named
