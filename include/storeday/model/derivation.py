"""Where the columns of a table come from: stated beside the code that makes them, told on as column lineage.

A column of an input is named ``table.column`` where the input has several tables, else by itself.
Source: docs/lineage.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """What becomes of the values on their way, in OpenLineage's words."""

    SAME = "IDENTITY"
    MADE = "TRANSFORMATION"
    SUMMED = "AGGREGATION"


@dataclass(frozen=True)
class Derived:
    """Where one column's values come from; ``of`` is empty where settings or the program alone say them."""

    column: str
    of: tuple[str, ...]
    how: str
    change: Change = Change.MADE


@dataclass(frozen=True)
class Derivation:
    """Where every column of a table comes from. ``steered_by`` are the columns of the input that decide on its rows:
    what is summed together, joined, or left out.
    """

    columns: tuple[Derived, ...]
    steered_by: tuple[str, ...] = ()

    @property
    def inputs(self) -> set[str]:
        """Every column of the input that is named."""
        return {name for column in self.columns for name in column.of} | set(self.steered_by)


def taken_over(columns: tuple[str, ...]) -> Derivation:
    """A table whose columns are those of its input, as they are."""
    return Derivation(tuple(Derived(column, (column,), "as it is", Change.SAME) for column in columns))
