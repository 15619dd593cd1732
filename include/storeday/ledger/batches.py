"""The ledger's batches: what was delivered and so is in Sage because of us, and the drafts that may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storeday.ledger.acceptances import Acceptances
from storeday.ledger.answers import Answers
from storeday.ledger.facts import BatchDayFact, BatchFact, BatchKind
from storeday.ledger.handed_over import HandedOver
from storeday.ledger.rows import batch_row, key_of, line_columns
from storeday.ledger.schema import (
    BatchDayRow,
    BatchRow,
    HandedOverRow,
    StagedRow,
    StagedStockRow,
    StockBookRow,
    StoreDayRow,
)
from storeday.ledger.transactions import counts_in
from storeday.model.errors import StoredayError
from storeday.model.postings import Amount, Lines, difference, summed
from storeday.model.store_day import State


class DraftOutdated(StoredayError):
    """Another run was faster: a draft, or what it was made from, is no longer what it was. Do it again."""


class Batches(HandedOver, Answers, Acceptances):
    """Batches with their posting lines: wanted, delivered, and the difference that is staged."""

    def wanted(self, store: str, day: date) -> Lines:
        """What a store-day wants in Sage, in all."""
        with Session(self.engine) as session:
            return self._wanted(session, store, day)

    def delivered(self, store: str, day: date, environment: str = "") -> Lines:
        """What delivered batches put into Sage for a store-day: into that of an environment, where one is named."""
        with Session(self.engine) as session:
            return self._delivered(session, store, day, environment)

    def next_revision(self, store: str, day: date, kind: BatchKind = BatchKind.TAKINGS, environment: str = "") -> int:
        """The number of a store-day's next batch of a kind: one more than have been delivered in its environment."""
        with Session(self.engine) as session:
            query = (
                select(func.count())
                .select_from(BatchDayRow)
                .join(BatchRow, BatchRow.id == BatchDayRow.batch_id)
                .where(BatchDayRow.store == store, BatchDayRow.trading_day == day)
                .where(BatchRow.state == "delivered", BatchRow.kind == kind, counts_in(environment))
            )
            return 1 + (session.scalar(query) or 0)

    def batches(self, company: str, day: date, kind: BatchKind = BatchKind.TAKINGS) -> list[BatchFact]:
        """The batches of a kind of a company's trading day, drafts and delivered, oldest first."""
        with Session(self.engine) as session:
            rows = session.scalars(
                select(BatchRow)
                .where(BatchRow.company == company, BatchRow.trading_day == day, BatchRow.kind == kind)
                .order_by(BatchRow.at, BatchRow.id)
            )
            return [self._batch_fact(session, row) for row in rows]

    def batch(self, batch_id: str) -> BatchFact | None:
        """One batch by its id, or None."""
        with Session(self.engine) as session:
            row = session.get(BatchRow, batch_id)
            return self._batch_fact(session, row) if row else None

    def batch_days(self, store: str, day: date) -> list[BatchDayFact]:
        """The batches that a store-day is in, first revision first."""
        with Session(self.engine) as session:
            rows = session.execute(
                select(BatchDayRow, BatchRow.state, BatchRow.environment)
                .join(BatchRow, BatchRow.id == BatchDayRow.batch_id)
                .where(BatchDayRow.store == store, BatchDayRow.trading_day == day, BatchRow.kind == BatchKind.TAKINGS)
                .order_by(BatchDayRow.revision)
            )
            return [
                BatchDayFact(d.batch_id, state, d.store, d.trading_day, d.revision, d.receipt_log, environment)
                for d, state, environment in rows
            ]

    def replace_draft(
        self,
        company: str,
        day: date,
        batch: BatchFact | None,
        lines: dict[str, Lines],
        nothing_new: list[str],
        by: str,
        environment: str = "",
        parallel: Mapping[str, str] | None = None,
    ) -> None:
        """Put a draft in place of the drafts a company's trading day has; None where nothing is to be staged.

        ``lines`` has the posting lines of each store in the batch; ``nothing_new`` the stores whose ready
        store-day is already delivered as it is wanted: in the environment, where one is named.
        ``parallel`` are the stores in parallel run, each with why its store-day is in no batch.
        Raises: DraftOutdated where that is no longer what is wanted and not delivered, since another run delivered
        or checked one of them meanwhile.
        """
        with Session(self._writing) as session, session.begin():
            self._alone(session, company, day)
            self._hold_to_wanted(session, day, {**lines, **{store: {} for store in nothing_new}}, environment)
            self._drop_drafts(session, company, day, BatchKind.TAKINGS)
            if batch is not None:
                self._add_draft(session, batch)
                for store, staged in lines.items():
                    session.add_all(
                        StagedRow(batch_id=batch.id, store=store, trading_day=day, **line_columns(k, a))
                        for k, a in staged.items()
                    )
                    if not self._is_rolled_back(session, store, day):
                        self._move(session, store, day, company, State.STAGED, f"in batch {batch.id}", by)
            for store in nothing_new:
                self._move(session, store, day, company, State.DELIVERED, "nothing new to stage", by)
            for store, why in (parallel or {}).items():
                if self._state(session, store, day) in {State.READY, State.DELIVERED}:
                    self._move(session, store, day, company, State.STAGED, why, by)

    def mark_delivered(
        self, batch: BatchFact, by: str, *, needs_approval: bool = False, needs_sign_off: str = ""
    ) -> None:
        """From here on the batch counts as in Sage and never changes.

        A store-day that was checked again since it was staged keeps its newer state: there is more to stage of it.
        Raises: DraftOutdated where another run replaced the draft meanwhile or brought one of its records to Sage,
        or where a person took back a store-day of it; NotApproved where that is needed and this digest is not;
        NotSignedOff where the settings of ``needs_sign_off`` (model/acceptance.py) are not signed off.
        """
        with Session(self._writing) as session, session.begin():
            self._alone(session, batch.company, batch.trading_day)
            row = session.get(BatchRow, batch.id)
            if row is None or row.digest != batch.digest:
                raise DraftOutdated(f"batch {batch.id} gave way to a newer draft meanwhile: deliver again")
            if needs_approval and row.state == "draft":
                self._hold_to_approval(session, batch.id, batch.digest)
            if needs_sign_off and row.state == "draft":
                self._hold_to_sign_off(session, batch.company, needs_sign_off)
            if batch.records:
                self._hold_to_new_records(session, batch)
            for store, day, _ in batch.store_days:
                self._alone(session, store)
                if row.state == "draft" and self._is_rolled_back(session, store, day):
                    self._hold_to_taken_back(session, batch, store, day)
            row.state = "delivered"
            for store, day, _ in batch.store_days:
                if batch.kind is BatchKind.TAKINGS and self._state(session, store, day) is State.STAGED:
                    self._move(session, store, day, batch.company, State.DELIVERED, f"batch {batch.id} delivered", by)

    def _hold_to_new_records(self, session: Session, batch: BatchFact) -> None:
        self._alone(session, batch.company, "records")
        if brought := self._brought_meanwhile(session, batch.id):
            named = ", ".join(f"{key.kind} {key.code}" for key in brought[:5])
            raise DraftOutdated(f"batch {batch.id}: another brought {named} to Sage meanwhile: stage again")

    def _hold_to_wanted(self, session: Session, day: date, lines: dict[str, Lines], environment: str) -> None:
        for store in sorted(lines):
            self._alone(session, store)
            left = difference(self._wanted(session, store, day), self._delivered(session, store, day, environment))
            if left != lines[store]:
                raise DraftOutdated(f"{store} {day.isoformat()} was checked or delivered meanwhile: stage again")

    def _hold_to_taken_back(self, session: Session, batch: BatchFact, store: str, day: date) -> None:
        """A draft that brings what a person took back may not go out; one that takes it out of Sage may."""
        if batch.kind is BatchKind.TAKINGS:
            staged = {store: self._staged(session, batch.id, store, day)}
            self._hold_to_wanted(session, day, staged, batch.environment)
            return
        wanted = select(StockBookRow.sku).where(StockBookRow.store == store, StockBookRow.trading_day == day)
        if session.scalars(wanted.limit(1)).first() is not None:
            raise DraftOutdated(f"{store} {day.isoformat()} was rolled back meanwhile: stage its stock again")

    def lines_of(self, batch: str) -> Lines:
        """The posting lines of one batch, those of its store-days added up."""
        with Session(self.engine) as session:
            rows = session.scalars(select(StagedRow).where(StagedRow.batch_id == batch))
            return summed((key_of(row), Amount(row.net_minor, row.tax_minor)) for row in rows)

    def _staged(self, session: Session, batch: str, store: str, day: date) -> Lines:
        rows = session.scalars(
            select(StagedRow).where(StagedRow.batch_id == batch, StagedRow.store == store, StagedRow.trading_day == day)
        )
        return summed((key_of(row), Amount(row.net_minor, row.tax_minor)) for row in rows)

    def _drop_drafts(self, session: Session, company: str, day: date, kind: BatchKind) -> None:
        drafts = select(BatchRow.id).where(
            BatchRow.company == company, BatchRow.trading_day == day, BatchRow.kind == kind, BatchRow.state == "draft"
        )
        for table in (StagedRow, StagedStockRow, BatchDayRow, HandedOverRow):
            session.execute(delete(table).where(table.batch_id.in_(drafts)))
        session.execute(delete(BatchRow).where(BatchRow.id.in_(drafts)))

    def _add_draft(self, session: Session, batch: BatchFact) -> None:
        session.add(batch_row(replace(batch, state="draft")))
        session.flush()
        session.add_all(
            HandedOverRow(batch_id=batch.id, company=batch.company, kind=key.kind, code=key.code)
            for key in batch.records
        )
        for store, day, revision in batch.store_days:
            log = session.get_one(StoreDayRow, (store, day)).receipt_log
            session.add(
                BatchDayRow(batch_id=batch.id, store=store, trading_day=day, revision=revision, receipt_log=log)
            )
        session.flush()

    def _batch_fact(self, session: Session, row: BatchRow) -> BatchFact:
        days = session.scalars(select(BatchDayRow).where(BatchDayRow.batch_id == row.id).order_by(BatchDayRow.store))
        return BatchFact(
            id=row.id,
            company=row.company,
            trading_day=row.trading_day,
            kind=BatchKind(row.kind),
            state=row.state,
            digest=row.digest,
            rows=row.rows,
            gross_minor=row.gross_minor,
            store_days=tuple((d.store, d.trading_day, d.revision) for d in days),
            records=self._records_of(session, row.id),
            environment=row.environment,
        )
