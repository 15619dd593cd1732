"""The ledger: files, store-days, batches, posting lines and events, and every change to them.

Each public method is one transaction. What a task did is written in the transaction that changes the
state, so that a task killed anywhere can run again and finds either all of it or nothing. Two tasks on the
same store, or on the same company's day, write one after the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from storeday.ledger.engine import WRITES, exclusive_lock, open_engine
from storeday.ledger.facts import BatchFact, Fate, FileDay, FileFact, StoreDayFact
from storeday.ledger.schema import (
    BatchDayRow,
    BatchRow,
    EventRow,
    FileDayRow,
    FileRow,
    HoldRow,
    StagedRow,
    StoreDayRow,
    TillDayRow,
    WantedRow,
)
from storeday.model.errors import StoredayError
from storeday.model.postings import Amount, Lines, PostingKey, Role, difference, summed
from storeday.model.store_day import Example, Hold, State, Warned


class DraftOutdated(StoredayError):
    """Another run was faster: a draft, or what it was made from, is no longer what it was. Do it again."""


class Ledger:
    """One ledger, by SQLAlchemy URL."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._writing = self.engine.execution_options(**WRITES)

    def close(self) -> None:
        """Give the database's connections back."""
        self.engine.dispose()

    @contextmanager
    def exclusively(self, what: str) -> Iterator[None]:
        """Only one process at a time does ``what`` (collect S01, say); others wait until it is done.

        The lock goes with the process, however it ends.
        """
        with exclusive_lock(self.engine, what):
            yield

    # Files

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
            return _file_fact(row) if row else None

    def record_file(self, fact: FileFact, company: str, by: str) -> None:
        """Write down a file and its fate; store-days it has rows of become received, unless they are further.

        It is the newest of its name from now on, though its bytes were here before: the last row of a name is
        what the source holds.
        """
        same = (FileRow.store == fact.store, FileRow.name == fact.name, FileRow.sha256 == fact.sha256)
        with Session(self._writing) as session, session.begin():
            self._alone(session, fact.store)
            if (before := session.scalars(select(FileRow).where(*same)).first()) is not None:
                session.execute(delete(TillDayRow).where(TillDayRow.file_id == before.id))
                session.execute(delete(FileDayRow).where(FileDayRow.file_id == before.id))
                session.delete(before)
                session.flush()
            row = FileRow(store=fact.store, name=fact.name, sha256=fact.sha256, at=_now())
            for name in ("size", "fate", "why", "stamp", "records", "receipts", "gross_minor", "day_hint"):
                setattr(row, name, getattr(fact, name))
            session.add(row)
            session.flush()
            session.add_all(_day_rows(row.id, fact.days))
            if fact.fate is Fate.ACCEPTED:
                self._supersede(session, row)
            for day in fact.days:
                if self._state(session, fact.store, day.trading_day) is State.EXPECTED:
                    self._move(session, fact.store, day.trading_day, company, State.RECEIVED, f"{fact.name} came", by)

    def files_of(self, store: str, day: date) -> list[FileFact]:
        """The accepted files with rows of a store-day and what they hold of it, in order of name and digest."""
        with Session(self.engine) as session:
            rows = session.execute(
                select(FileRow, FileDayRow)
                .join(FileDayRow, FileDayRow.file_id == FileRow.id)
                .where(FileRow.store == store, FileDayRow.trading_day == day, FileRow.fate == Fate.ACCEPTED)
                .order_by(FileRow.name, FileRow.sha256)
            )
            return [_file_fact(file, held) for file, held in rows]

    def superseded(self, store: str, day: date) -> list[FileFact]:
        """Files of a store-day that a corrected file of the same name took the place of."""
        with Session(self.engine) as session:
            rows = session.scalars(
                select(FileRow)
                .join(FileDayRow, FileDayRow.file_id == FileRow.id)
                .where(FileRow.store == store, FileDayRow.trading_day == day, FileRow.fate == Fate.SUPERSEDED)
                .order_by(FileRow.name, FileRow.sha256)
            )
            return [_file_fact(row) for row in rows]

    def rejections_without_day(self) -> list[FileFact]:
        """Rejected files that don't even hint at a day, so that no store-day is held by them."""
        with Session(self.engine) as session:
            query = select(FileRow).where(FileRow.fate == Fate.REJECTED, FileRow.day_hint.is_(None))
            return [_file_fact(row) for row in session.scalars(query.order_by(FileRow.store, FileRow.name))]

    def open_rejections(self, store: str, day: date) -> list[FileFact]:
        """Rejected files of a store-day, by the day they hint at, that no accepted file of that name came after."""
        with Session(self.engine) as session:
            later = aliased(FileRow)
            replaced = select(later.id).where(
                later.store == FileRow.store,
                later.name == FileRow.name,
                later.fate == Fate.ACCEPTED,
                later.id > FileRow.id,
            )
            rows = session.scalars(
                select(FileRow)
                .where(
                    FileRow.store == store,
                    FileRow.fate == Fate.REJECTED,
                    FileRow.day_hint == day,
                    ~replaced.exists(),
                )
                .order_by(FileRow.name, FileRow.sha256)
            )
            return [_file_fact(row) for row in rows]

    def last_numbers_before(self, store: str, day: date) -> dict[str, tuple[str | None, str | None]]:
        """Each till's last receipt and Z number on the latest earlier trading day that it sent."""
        with Session(self.engine) as session:
            rows = session.execute(
                select(TillDayRow)
                .join(FileRow, FileRow.id == TillDayRow.file_id)
                .where(FileRow.store == store, FileRow.fate == Fate.ACCEPTED, TillDayRow.trading_day < day)
                .order_by(TillDayRow.trading_day, TillDayRow.last_at)
            ).scalars()
            last: dict[str, tuple[str | None, str | None]] = {}
            for row in rows:
                before = last.get(row.till, (None, None))
                last[row.till] = (row.last_receipt or before[0], row.last_z or before[1])
            return last

    # Store-days

    def store_day(self, store: str, day: date) -> StoreDayFact | None:
        """One store-day, or None where nothing ever came for it."""
        with Session(self.engine) as session:
            row = session.get(StoreDayRow, (store, day))
            return _store_day_fact(row) if row else None

    def store_days(self, first: date | None = None, last: date | None = None) -> list[StoreDayFact]:
        """The store-days of a range, in order of day and store."""
        with Session(self.engine) as session:
            query = select(StoreDayRow).order_by(StoreDayRow.trading_day, StoreDayRow.store)
            if first:
                query = query.where(StoreDayRow.trading_day >= first)
            if last:
                query = query.where(StoreDayRow.trading_day <= last)
            return [_store_day_fact(row) for row in session.scalars(query)]

    def holds(self, store: str, day: date) -> list[Hold]:
        """The reasons a store-day waits, and (as Warned) what is worth a look, in the order they were found."""
        with Session(self.engine) as session:
            rows = session.scalars(
                select(HoldRow).where(HoldRow.store == store, HoldRow.trading_day == day).order_by(HoldRow.id)
            )
            return [_hold(row) for row in rows]

    def events(self, store: str, day: date) -> list[tuple[datetime, str, str, str, str]]:
        """When, from what, to what, why and by whom a store-day changed, oldest first."""
        with Session(self.engine) as session:
            rows = session.scalars(
                select(EventRow).where(EventRow.store == store, EventRow.trading_day == day).order_by(EventRow.id)
            )
            return [(row.at, row.was, row.now, row.why, row.by) for row in rows]

    def record_verdict(self, fact: StoreDayFact, holds: Iterable[Hold], wanted: Lines, why: str, by: str) -> None:
        """Write down what the checks found of a store-day and, where it is ready, the lines that it wants."""
        key = (fact.store, fact.trading_day)
        with Session(self._writing) as session, session.begin():
            self._alone(session, fact.store)
            self._move(session, *key, fact.company, fact.state, why, by)
            row = session.get_one(StoreDayRow, key)
            row.basis, row.summary = fact.basis, json.dumps(fact.summary, sort_keys=True)
            row.receipts, row.gross_minor, row.tax_minor = fact.receipts, fact.gross_minor, fact.tax_minor
            session.execute(delete(HoldRow).where(HoldRow.store == fact.store, HoldRow.trading_day == fact.trading_day))
            session.execute(
                delete(WantedRow).where(WantedRow.store == fact.store, WantedRow.trading_day == fact.trading_day)
            )
            for hold in holds:
                said = json.dumps(asdict(hold), sort_keys=True)
                session.add(HoldRow(store=key[0], trading_day=key[1], is_warning=isinstance(hold, Warned), said=said))
            session.add_all(WantedRow(store=key[0], trading_day=key[1], **_line(k, a)) for k, a in wanted.items())

    def move(self, store: str, day: date, company: str, state: State, why: str, by: str) -> None:
        """Change a store-day's state; an event says so where it did change."""
        with Session(self._writing) as session, session.begin():
            self._alone(session, store)
            self._move(session, store, day, company, state, why, by)

    # Posting lines and batches

    def wanted(self, store: str, day: date) -> Lines:
        """What a store-day wants in Sage, in all."""
        with Session(self.engine) as session:
            return self._wanted(session, store, day)

    def delivered(self, store: str, day: date) -> Lines:
        """What delivered batches put into Sage for a store-day."""
        with Session(self.engine) as session:
            return self._delivered(session, store, day)

    def next_revision(self, store: str, day: date) -> int:
        """The number of a store-day's next batch: one more than have been delivered."""
        with Session(self.engine) as session:
            query = (
                select(func.count())
                .select_from(BatchDayRow)
                .join(BatchRow, BatchRow.id == BatchDayRow.batch_id)
                .where(BatchDayRow.store == store, BatchDayRow.trading_day == day, BatchRow.state == "delivered")
            )
            return 1 + (session.scalar(query) or 0)

    def batches(self, company: str, day: date) -> list[BatchFact]:
        """The batches of a company's trading day, drafts and delivered, oldest first."""
        with Session(self.engine) as session:
            rows = session.scalars(
                select(BatchRow)
                .where(BatchRow.company == company, BatchRow.trading_day == day)
                .order_by(BatchRow.at, BatchRow.id)
            )
            return [self._batch_fact(session, row) for row in rows]

    def replace_draft(
        self, company: str, day: date, batch: BatchFact | None, lines: dict[str, Lines], nothing_new: list[str], by: str
    ) -> None:
        """Put a draft in place of the drafts a company's trading day has; None where nothing is to be staged.

        ``lines`` has the posting lines of each store in the batch; ``nothing_new`` the stores whose ready
        store-day is already delivered as it is wanted. Raises: DraftOutdated where that is no longer what is
        wanted and not delivered, since another run delivered or checked one of them meanwhile.
        """
        with Session(self._writing) as session, session.begin():
            self._alone(session, company, day)
            self._hold_to_wanted(session, day, {**lines, **{store: {} for store in nothing_new}})
            for old in session.scalars(
                select(BatchRow).where(
                    BatchRow.company == company, BatchRow.trading_day == day, BatchRow.state == "draft"
                )
            ):
                session.execute(delete(StagedRow).where(StagedRow.batch_id == old.id))
                session.execute(delete(BatchDayRow).where(BatchDayRow.batch_id == old.id))
                session.delete(old)
            session.flush()
            if batch is not None:
                self._add_draft(session, batch, lines)
                for store in lines:
                    self._move(session, store, day, company, State.STAGED, f"in batch {batch.id}", by)
            for store in nothing_new:
                self._move(session, store, day, company, State.DELIVERED, "nothing new to stage", by)

    def mark_delivered(self, batch: BatchFact, by: str) -> None:
        """From here on the batch counts as in Sage and never changes.

        A store-day that was checked again since it was staged keeps its newer state: there is more to stage of it.
        Raises: DraftOutdated where another run replaced the draft meanwhile.
        """
        with Session(self._writing) as session, session.begin():
            self._alone(session, batch.company, batch.trading_day)
            row = session.get(BatchRow, batch.id)
            if row is None:
                raise DraftOutdated(f"batch {batch.id} gave way to a newer draft meanwhile: deliver again")
            row.state = "delivered"
            for store, day, _ in batch.store_days:
                self._alone(session, store)
                if self._state(session, store, day) is State.STAGED:
                    self._move(session, store, day, batch.company, State.DELIVERED, f"batch {batch.id} delivered", by)

    # Within a transaction

    def _supersede(self, session: Session, newer: FileRow) -> None:
        """Let a corrected file take the place of the one of its name, where that is what everybody waits for.

        That is so while every store-day the older one has rows of is held and nothing of it was delivered: the
        store was asked for a corrected file. Otherwise both count, and what they disagree in is a conflict.
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
            held = all(self._state(session, row.store, day) is State.HELD for day in days)
            if held and not any(self._delivered(session, row.store, day) for day in days):
                row.fate, row.why = Fate.SUPERSEDED, f"{row.name}: a corrected file of this name came"

    def _alone(self, session: Session, *what: object) -> None:
        """Wait until no other transaction on the same thing is open, and then see all that it wrote.

        SQLite lets one transaction in at a time anyway (engine.py).
        """
        if self.engine.dialect.name == "postgresql":
            key = hashlib.sha256(repr(what).encode()).digest()[:8]
            session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(key, "big", signed=True))))

    def _wanted(self, session: Session, store: str, day: date) -> Lines:
        rows = session.scalars(select(WantedRow).where(WantedRow.store == store, WantedRow.trading_day == day))
        return summed((_key(row), Amount(row.net_minor, row.tax_minor)) for row in rows)

    def _delivered(self, session: Session, store: str, day: date) -> Lines:
        rows = session.scalars(
            select(StagedRow)
            .join(BatchRow, BatchRow.id == StagedRow.batch_id)
            .where(StagedRow.store == store, StagedRow.trading_day == day, BatchRow.state == "delivered")
        )
        return summed((_key(row), Amount(row.net_minor, row.tax_minor)) for row in rows)

    def _hold_to_wanted(self, session: Session, day: date, lines: dict[str, Lines]) -> None:
        for store in sorted(lines):
            self._alone(session, store)
            left = difference(self._wanted(session, store, day), self._delivered(session, store, day))
            if left != lines[store]:
                raise DraftOutdated(f"{store} {day.isoformat()} was checked or delivered meanwhile: stage again")

    def _state(self, session: Session, store: str, day: date) -> State:
        row = session.get(StoreDayRow, (store, day))
        return State(row.state) if row else State.EXPECTED

    def _move(self, session: Session, store: str, day: date, company: str, now: State, why: str, by: str) -> None:
        row = session.get(StoreDayRow, (store, day))
        was = State(row.state) if row else State.EXPECTED
        if row is None:
            row = StoreDayRow(store=store, trading_day=day, company=company, state=was, at=_now())
            session.add(row)
        if was is now:
            return
        row.state, row.at = now, _now()
        session.add(EventRow(at=_now(), store=store, trading_day=day, was=was, now=now, why=why, by=by))
        session.flush()

    def _add_draft(self, session: Session, batch: BatchFact, lines: dict[str, Lines]) -> None:
        session.add(
            BatchRow(
                id=batch.id,
                company=batch.company,
                trading_day=batch.trading_day,
                state="draft",
                digest=batch.digest,
                rows=batch.rows,
                gross_minor=batch.gross_minor,
                at=_now(),
            )
        )
        session.flush()
        for store, day, revision in batch.store_days:
            session.add(BatchDayRow(batch_id=batch.id, store=store, trading_day=day, revision=revision))
            session.add_all(
                StagedRow(batch_id=batch.id, store=store, trading_day=day, **_line(k, a))
                for k, a in lines[store].items()
            )

    def _batch_fact(self, session: Session, row: BatchRow) -> BatchFact:
        days = session.scalars(select(BatchDayRow).where(BatchDayRow.batch_id == row.id).order_by(BatchDayRow.store))
        return BatchFact(
            id=row.id,
            company=row.company,
            trading_day=row.trading_day,
            state=row.state,
            digest=row.digest,
            rows=row.rows,
            gross_minor=row.gross_minor,
            store_days=tuple((d.store, d.trading_day, d.revision) for d in days),
        )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _file_fact(row: FileRow, held: FileDayRow | None = None) -> FileFact:
    days = (FileDay(held.trading_day, held.receipts, held.gross_minor, tuple(held.tables.split(","))),) if held else ()
    return FileFact(
        days=days,
        store=row.store,
        name=row.name,
        sha256=row.sha256,
        size=row.size,
        fate=Fate(row.fate),
        why=row.why,
        stamp=row.stamp,
        records=row.records,
        receipts=row.receipts,
        gross_minor=row.gross_minor,
        day_hint=row.day_hint,
    )


def _day_rows(file_id: int, days: Iterable[FileDay]) -> list[Any]:
    rows: list[Any] = []
    for day in days:
        rows.append(
            FileDayRow(
                file_id=file_id,
                trading_day=day.trading_day,
                receipts=day.receipts,
                gross_minor=day.gross_minor,
                tables=",".join(day.tables),
            )
        )
        rows.extend(TillDayRow(file_id=file_id, trading_day=day.trading_day, **asdict(till)) for till in day.tills)
    return rows


def _store_day_fact(row: StoreDayRow) -> StoreDayFact:
    return StoreDayFact(
        store=row.store,
        trading_day=row.trading_day,
        company=row.company,
        state=State(row.state),
        basis=row.basis,
        receipts=row.receipts,
        gross_minor=row.gross_minor,
        tax_minor=row.tax_minor,
        summary=json.loads(row.summary),
    )


def _hold(row: HoldRow) -> Hold:
    said: dict[str, Any] = json.loads(row.said)
    said["examples"] = tuple(Example(**example) for example in said["examples"])
    return Warned(**said) if row.is_warning else Hold(**said)


def _line(key: PostingKey, amount: Amount) -> dict[str, Any]:
    return {**key._asdict(), "net_minor": amount.net, "tax_minor": amount.tax}


def _key(row: WantedRow | StagedRow) -> PostingKey:
    return PostingKey(Role(row.role), row.nominal, row.department, row.tax_code, row.account, row.detail)
