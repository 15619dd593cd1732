"""The ledger's files: what came from the tills, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final, TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from storeday.ledger.facts import Fate, FileDay, FileFact
from storeday.ledger.rows import day_rows, file_fact, moment
from storeday.ledger.schema import FileDayRow, FileRow, TillDayRow
from storeday.ledger.transactions import Transactions
from storeday.model.store_day import State

_ASKED_AT_ONCE: Final = 500
"""How many names or digests one statement asks for."""

Key = TypeVar("Key", int, str)


class Files(Transactions):
    """One row a file, with the trading days and running numbers that it holds."""

    def stamps(self, store: str, names: Iterable[str]) -> dict[str, str]:
        """The stamp that each of some remote files of a store had when it was last looked at, by name.

        Nothing of the store is read but these names, so a visit costs the same after years.
        """
        columns = (FileRow.id, FileRow.name, FileRow.stamp)
        rows: list[Any] = []
        with Session(self.engine) as session:
            for some in _some_at_once(names):
                of_names = select(*columns).where(FileRow.store == store, FileRow.name.in_(some))
                rows += session.execute(of_names)  # sorted here: asked to sort, SQLite goes through the whole store
        return {row.name: row.stamp for row in sorted(rows, key=attrgetter("id"))}

    def files_by_content(self, store: str, digests: Iterable[str]) -> dict[str, FileFact]:
        """The accepted files of a store with some bytes, under whatever name, by their SHA-256."""
        accepted = select(FileRow).where(FileRow.store == store, FileRow.fate == Fate.ACCEPTED)
        with Session(self.engine) as session:
            rows = [
                row
                for some in _some_at_once(digests)
                for row in session.scalars(accepted.where(FileRow.sha256.in_(some)))
            ]
            return {row.sha256: file_fact(row) for row in sorted(rows, key=attrgetter("id"), reverse=True)}

    def record_files(self, facts: Sequence[FileFact], company: str, by: str) -> None:
        """Write down files of one store and their fates, all or none, in their order, each name once.

        Store-days that they have rows of become received, unless they are further. A file is the newest of its name
        from now on, though its bytes were here before: the last row of a name is what the source holds.
        """
        if not facts:
            return
        with Session(self._writing) as session, session.begin():
            for store in sorted({fact.store for fact in facts}):
                self._alone(session, store)
            older = self._of_names(session, facts)
            self._forget(session, [row.id for fact, row in older if row.sha256 == fact.sha256])
            self._add(session, facts)
            for fact, row in older:
                if fact.fate is Fate.ACCEPTED and row.sha256 != fact.sha256 and row.fate == Fate.ACCEPTED:
                    self._supersede(session, fact, row.id)
            first_of = {(f.store, day.trading_day): f.name for f in reversed(facts) for day in f.days}
            for (store, day), name in reversed(first_of.items()):
                if self._state(session, store, day) is State.EXPECTED:
                    self._move(session, store, day, company, State.RECEIVED, f"{name} came", by)

    def _of_names(self, session: Session, facts: Sequence[FileFact]) -> list[tuple[FileFact, Any]]:
        """Id, store, name, digest and fate of all that is written down of files' names, each with its file."""
        by_name = {(fact.store, fact.name): fact for fact in facts}
        columns = (FileRow.id, FileRow.store, FileRow.name, FileRow.sha256, FileRow.fate)
        found: list[tuple[FileFact, Any]] = []
        for store in sorted({fact.store for fact in facts}):
            for some in _some_at_once(fact.name for fact in facts if fact.store == store):
                rows = session.execute(select(*columns).where(FileRow.store == store, FileRow.name.in_(some)))
                found += [(by_name[row.store, row.name], row) for row in rows]
        return found

    def _forget(self, session: Session, files: Sequence[int]) -> None:
        """Take files with all that they hold out of the ledger: they are written down anew."""
        for table, number in (
            (TillDayRow, TillDayRow.file_id),
            (FileDayRow, FileDayRow.file_id),
            (FileRow, FileRow.id),
        ):
            for some in _some_at_once(files):
                session.execute(delete(table).where(number.in_(some)))

    def _add(self, session: Session, facts: Sequence[FileFact]) -> None:
        # Without asking for the new numbers: SQLite would be sent a statement a row.
        session.execute(insert(FileRow), [{**_columns(fact), "at": moment()} for fact in facts])
        numbers = {(row.store, row.name, row.sha256): row.id for _, row in self._of_names(session, facts)}
        for fact in facts:
            session.add_all(day_rows(numbers[fact.store, fact.name, fact.sha256], fact.store, fact.days))
        session.flush()

    def files_like(self, text: str, store: str | None = None) -> list[FileFact]:
        """Files of this name, or whose SHA-256 begins so (8 digits at least), with the days they have rows of."""
        is_it = FileRow.name == text
        if len(text) >= 8:
            is_it |= FileRow.sha256.startswith(text, autoescape=True)
        with Session(self.engine) as session:
            query = select(FileRow).where(is_it).order_by(FileRow.store, FileRow.id)
            rows = session.scalars(query.where(FileRow.store == store) if store else query).all()
            return [replace(file_fact(row), days=self._days_of(session, row)) for row in rows]

    def _days_of(self, session: Session, row: FileRow) -> tuple[FileDay, ...]:
        held = session.scalars(select(FileDayRow).where(FileDayRow.file_id == row.id).order_by(FileDayRow.trading_day))
        return tuple(day for each in held for day in file_fact(row, each).days)

    def rejections_without_day(self) -> list[FileFact]:
        """Rejected files that don't even hint at a day, so that no store-day is held by them."""
        with Session(self.engine) as session:
            query = select(FileRow).where(FileRow.fate == Fate.REJECTED, FileRow.day_hint.is_(None))
            return [file_fact(row) for row in session.scalars(query.order_by(FileRow.store, FileRow.name))]

    def _supersede(self, session: Session, newer: FileFact, older: int) -> None:
        """Let a corrected file take the place of an older one of its name, where that is what everybody waits for.

        That is so while every store-day the older one has rows of is held, or rolled back, and nothing of it is
        in Sage: the store was asked for a corrected file. Otherwise both count, and what they disagree in is a
        conflict.
        """
        days = session.scalars(select(FileDayRow.trading_day).where(FileDayRow.file_id == older)).all()
        held = all(self._state(session, newer.store, day).waits_for_a_person for day in days)
        if held and not any(self._delivered(session, newer.store, day) for day in days):
            row = session.get_one(FileRow, older)
            row.fate, row.why = Fate.SUPERSEDED, f"{row.name}: a corrected file of this name came"


def _columns(fact: FileFact) -> dict[str, Any]:
    return {name: value for name, value in vars(fact).items() if name != "days"}


def _some_at_once(values: Iterable[Key]) -> Iterator[list[Key]]:
    """Values as one statement takes them, each once."""
    distinct = sorted(set(values))
    for start in range(0, len(distinct), _ASKED_AT_ONCE):
        yield distinct[start : start + _ASKED_AT_ONCE]
