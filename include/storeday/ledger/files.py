"""The ledger's files: what came from the tills, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storeday.ledger.facts import Fate, FileDay, FileFact
from storeday.ledger.rows import day_rows, file_fact, moment
from storeday.ledger.schema import FileDayRow, FileRow, TillDayRow
from storeday.ledger.transactions import Transactions
from storeday.model.store_day import State


class Files(Transactions):
    """One row a file, with the trading days and running numbers that it holds."""

    def stamps(self, store: str) -> dict[str, str]:
        """The stamp each remote file of a store had when it was last looked at, by name."""
        with Session(self.engine) as session:
            rows = session.execute(
                select(FileRow.name, FileRow.stamp).where(FileRow.store == store).order_by(FileRow.id)
            )
            return {row.name: row.stamp for row in rows}

    def file_by_content(self, store: str, sha256: str) -> FileFact | None:
        """The accepted file of a store with these bytes, under whatever name."""
        with Session(self.engine) as session:
            row = session.scalars(
                select(FileRow).where(FileRow.store == store, FileRow.sha256 == sha256, FileRow.fate == Fate.ACCEPTED)
            ).first()
            return file_fact(row) if row else None

    def record_files(self, facts: Sequence[FileFact], company: str, by: str) -> None:
        """Write down files of one store and their fates, all or none, in their order.

        Store-days that they have rows of become received, unless they are further. A file is the newest of its name
        from now on, though its bytes were here before: the last row of a name is what the source holds.
        """
        with Session(self._writing) as session, session.begin():
            for fact in facts:
                self._alone(session, fact.store)
                self._record(session, fact, company, by)

    def _record(self, session: Session, fact: FileFact, company: str, by: str) -> None:
        same = (FileRow.store == fact.store, FileRow.name == fact.name, FileRow.sha256 == fact.sha256)
        if (before := session.scalars(select(FileRow).where(*same)).first()) is not None:
            session.execute(delete(TillDayRow).where(TillDayRow.file_id == before.id))
            session.execute(delete(FileDayRow).where(FileDayRow.file_id == before.id))
            session.delete(before)
            session.flush()
        row = FileRow(store=fact.store, name=fact.name, sha256=fact.sha256, at=moment())
        for name in ("size", "fate", "why", "stamp", "records", "receipts", "gross_minor", "day_hint"):
            setattr(row, name, getattr(fact, name))
        session.add(row)
        session.flush()
        session.add_all(day_rows(row.id, fact.store, fact.days))
        if fact.fate is Fate.ACCEPTED:
            self._supersede(session, row)
        for day in fact.days:
            if self._state(session, fact.store, day.trading_day) is State.EXPECTED:
                self._move(session, fact.store, day.trading_day, company, State.RECEIVED, f"{fact.name} came", by)

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

    def _supersede(self, session: Session, newer: FileRow) -> None:
        """Let a corrected file take the place of the one of its name, where that is what everybody waits for.

        That is so while every store-day the older one has rows of is held, or rolled back, and nothing of it is
        in Sage: the store was asked for a corrected file. Otherwise both count, and what they disagree in is a
        conflict.
        """
        older = session.scalars(
            select(FileRow).where(
                FileRow.store == newer.store,
                FileRow.name == newer.name,
                FileRow.id != newer.id,
                FileRow.fate == Fate.ACCEPTED,
            )
        )
        for row in older:
            days = session.scalars(select(FileDayRow.trading_day).where(FileDayRow.file_id == row.id)).all()
            held = all(self._state(session, row.store, day).waits_for_a_person for day in days)
            if held and not any(self._delivered(session, row.store, day) for day in days):
                row.fate, row.why = Fate.SUPERSEDED, f"{row.name}: a corrected file of this name came"
