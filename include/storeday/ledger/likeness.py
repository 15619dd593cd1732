"""Two ledgers held against each other, table by table: the same facts, or which rows only one of them has.

Numbers that a database gives (``id``), moments of writing (``at``), what a day was last checked with (``basis``), its
figures in words (``summary``) and with which other files a file's pieces are kept (``bundle``) are no facts of the
takings, and are left out; files go by store, name and digest.
What was read back from Sage is read again, so a confirmed store-day counts as delivered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, Select, case, inspect, select

from storeday.ledger.schema import Base, EventRow, FileRow, StoreDayRow
from storeday.model.store_day import State

LEFT_OUT: Final = frozenset({"id", "at", "basis", "bundle", "checked_basis", "summary"})
"""Columns that are no facts of the takings."""
READ_BACK: Final = frozenset({"readings", "differences"})
"""Tables of what Sage said: storeday reconcile reads it again."""
_SHOWN: Final = 3
_AT_ONCE: Final = 5_000


@dataclass(frozen=True)
class Likeness:
    """One table of two ledgers; ``examples`` are rows that only one has, each with which one."""

    table: str
    first: int  # rows
    second: int
    only_first: int
    only_second: int
    examples: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether both say the same."""
        return not (self.only_first or self.only_second)


def likeness(first: Engine, second: Engine) -> list[Likeness]:
    """Every table of the ledger that both have, in order of name. ``first`` and ``second`` are only read."""
    has = [set(inspect(engine).get_table_names()) for engine in (first, second)]
    return [
        _alike(first, second, name)
        for name in sorted(set(Base.metadata.tables) - READ_BACK)
        if name in has[0] and name in has[1]
    ]


def _alike(first: Engine, second: Engine, table: str) -> Likeness:
    query, names = _facts(table)
    counted = [Counter(hash(row) for row in _rows(engine, query)) for engine in (first, second)]
    only = [counted[0] - counted[1], counted[1] - counted[0]]
    examples = [
        f"only in the {word} ledger: {_said(names, row)}"
        for engine, left, word in ((first, only[0], "lost"), (second, only[1], "new"))
        if left
        for row in _first(engine, query, left)
    ]
    rows, left = ([sum(each.values()) for each in pair] for pair in (counted, only))
    return Likeness(table, rows[0], rows[1], left[0], left[1], tuple(examples))


def _facts(table: str) -> tuple[Select[Any], list[str]]:
    """The rows of a table without what is left out, and the names of their columns."""
    columns: list[Any] = [c for c in Base.metadata.tables[table].columns if c.name not in LEFT_OUT | {"file_id"}]
    names = [c.name for c in columns]
    if table == StoreDayRow.__tablename__:  # what Sage confirmed is read back again
        confirmed = StoreDayRow.state == State.CONFIRMED
        columns[names.index("state")] = case((confirmed, State.DELIVERED.value), else_=StoreDayRow.state)
    if table == EventRow.__tablename__:
        return select(*columns).where(EventRow.was != State.CONFIRMED, EventRow.now != State.CONFIRMED), names
    if "file_id" not in Base.metadata.tables[table].columns:
        return select(*columns), names
    query = select(FileRow.store, FileRow.name, FileRow.sha256, *columns).join_from(
        FileRow.__table__, Base.metadata.tables[table]
    )
    return query, ["store", "name", "sha256", *names]


def _rows(engine: Engine, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    with engine.connect() as connection:
        for part in connection.execution_options(yield_per=_AT_ONCE).execute(query).partitions():
            yield from (tuple(row) for row in part)


def _first(engine: Engine, query: Select[Any], left: Counter[int]) -> Iterator[tuple[Any, ...]]:
    shown = 0
    for row in _rows(engine, query):
        if left[hash(row)] > 0:
            yield row
            shown += 1
        if shown == _SHOWN:
            return


def _said(names: list[str], row: tuple[Any, ...]) -> str:
    said = ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True) if value not in {None, ""})
    return said if len(said) <= 300 else f"{said[:299]}…"
