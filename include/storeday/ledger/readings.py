"""The ledger's readings: what was read back from Sage, what differs, and which store-days Sage's figures confirm."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from storeday.ledger.facts import BatchKind
from storeday.ledger.readings_schema import DifferenceRow, ImportedAgainRow, ReadingRow
from storeday.ledger.rows import moment
from storeday.ledger.schema import BatchDayRow, BatchRow, StoreDayRow
from storeday.ledger.transactions import Transactions
from storeday.model.differences import (
    BANK_STATEMENT,
    SAGE_KINDS,
    Difference,
    DifferenceKind,
    Reading,
    as_said,
    difference_of,
)
from storeday.model.store_day import State

StoreDayKey = tuple[str, date]


@dataclass(frozen=True)
class OpenDifference:
    """A difference that is open, under the number and since the moment that the ledger has it."""

    number: int
    since: datetime
    difference: Difference


@dataclass(frozen=True)
class Comparison:
    """What one reading came to.

    ``basis`` is the digest of all that was compared; ``kinds`` are those that this reading can show, so that no
    difference is closed by an export that can't show it; ``agree`` are the store-days whose figures are Sage's,
    and ``differ`` those whose figures are not.
    """

    reading: Reading
    basis: str
    first: date
    last: date
    kinds: frozenset[DifferenceKind]
    found: tuple[Difference, ...]
    agree: frozenset[StoreDayKey]
    differ: frozenset[StoreDayKey]


@dataclass(frozen=True)
class DeliveredDay:
    """A store-day of a delivered batch, as the ledger has it."""

    batch: str
    kind: BatchKind
    digest: str  # of the batch's manifest
    store: str
    trading_day: date
    revision: int


class Readings(Transactions):
    """Readings, differences, and second imports that a person owned up to."""

    def last_basis(self, company: str) -> str:
        """The digest of all that was compared with Sage last; empty where nothing ever was."""
        with Session(self.engine) as session:
            query = select(ReadingRow.basis).where(ReadingRow.company == company, ReadingRow.kind != BANK_STATEMENT)
            query = query.order_by(ReadingRow.id.desc())
            return session.scalar(query.limit(1)) or ""

    def readings(self, company: str) -> list[tuple[datetime, Reading]]:
        """What was read of a company, newest first, with when."""
        with Session(self.engine) as session:
            rows = session.scalars(
                select(ReadingRow).where(ReadingRow.company == company).order_by(ReadingRow.id.desc())
            )
            return [(r.at, Reading(r.company, r.kind, r.name, r.sha256, r.rows, r.first, r.last)) for r in rows]

    def open_differences(
        self,
        company: str | None = None,
        first: date | None = None,
        last: date | None = None,
        kinds: frozenset[DifferenceKind] = SAGE_KINDS,
    ) -> list[OpenDifference]:
        """The differences that are open, with Sage or of other kinds, of a company and days or of all.

        In order of day, store and kind.
        """
        query = select(DifferenceRow).where(DifferenceRow.closed.is_(None), DifferenceRow.kind.in_(sorted(kinds)))
        if company:
            query = query.where(DifferenceRow.company == company)
        if first:
            query = query.where(or_(DifferenceRow.trading_day >= first, DifferenceRow.trading_day.is_(None)))
        if last:
            query = query.where(or_(DifferenceRow.trading_day <= last, DifferenceRow.trading_day.is_(None)))
        order = (DifferenceRow.trading_day, DifferenceRow.store, DifferenceRow.kind, DifferenceRow.id)
        with Session(self.engine) as session:
            return [_open(row) for row in session.scalars(query.order_by(*order))]

    def differences_of(self, store: str, day: date) -> list[OpenDifference]:
        """The open differences of a store-day: its own, and those of a whole batch that it is in."""
        batches = select(BatchDayRow.batch_id).where(BatchDayRow.store == store, BatchDayRow.trading_day == day)
        mine = DifferenceRow.store == store, DifferenceRow.trading_day == day
        whole = DifferenceRow.store.is_(None), DifferenceRow.batch_id.in_(batches)
        query = select(DifferenceRow).where(DifferenceRow.closed.is_(None))
        with Session(self.engine) as session:
            rows = session.scalars(query.where(or_(and_(*mine), and_(*whole))).order_by(DifferenceRow.id))
            return [_open(row) for row in rows]

    def record_comparison(self, compared: Comparison, by: str) -> list[StoreDayKey]:
        """Write down a reading with all that it came to; returns the store-days whose state it changed.

        Differences that are new are opened, those of its days and kinds that it does not find are closed; a
        delivered store-day that agrees is confirmed, and a confirmed one that differs is opened again.
        """
        company = compared.reading.company
        with Session(self._writing) as session, session.begin():
            self._alone(session, company, "readings")
            reading = ReadingRow(at=moment(), basis=compared.basis, **vars(compared.reading))
            session.add(reading)
            session.flush()
            known = {row.digest: row for row in session.scalars(_in_scope(compared))}
            found = {difference.digest: difference for difference in compared.found}
            for digest, row in known.items():
                if digest not in found and DifferenceKind(row.kind) in compared.kinds:
                    row.closed = moment()
            session.add_all(_row(d, reading.id) for digest, d in found.items() if digest not in known)
            judged = sorted(compared.agree | compared.differ)
            return [key for key in judged if self._judge(session, compared, *key, by)]

    def _judge(self, session: Session, compared: Comparison, store: str, day: date, by: str) -> bool:
        """Confirm a store-day, or open it again; whether that changed its state."""
        agrees = (store, day) in compared.agree
        was, now = (State.DELIVERED, State.CONFIRMED) if agrees else (State.CONFIRMED, State.DELIVERED)
        if self._state(session, store, day) is not was:
            return False
        why = f"Sage {'agrees' if agrees else 'differs'}: {compared.reading.name}"
        self._move(session, store, day, compared.reading.company, now, why, by)
        return True

    def delivered_days(self, company: str) -> list[DeliveredDay]:
        """Every store-day of every delivered batch, takings and stock, in order of day, batch and store."""
        query = (
            select(BatchRow.id, BatchRow.kind, BatchRow.digest, BatchDayRow.store, BatchDayRow.trading_day)
            .add_columns(BatchDayRow.revision)
            .join(BatchDayRow, BatchDayRow.batch_id == BatchRow.id)
            .where(BatchRow.company == company, BatchRow.state == "delivered")
            .order_by(BatchDayRow.trading_day, BatchRow.id, BatchDayRow.store)
        )
        with Session(self.engine) as session:
            return [DeliveredDay(batch, BatchKind(kind), *rest) for batch, kind, *rest in session.execute(query)]

    def imported_again(self, company: str) -> dict[tuple[str, str, date], int]:
        """How often more than once store-days count as imported, by batch, store and day."""
        query = select(ImportedAgainRow).join(BatchRow, BatchRow.id == ImportedAgainRow.batch_id)
        with Session(self.engine) as session:
            rows = session.scalars(query.where(BatchRow.company == company))
            return {(row.batch_id, row.store, row.trading_day): row.times for row in rows}

    def own_up_to_import(self, batch: str, store_days: Collection[StoreDayKey], times: int, why: str, by: str) -> None:
        """Let further imports of a batch's store-days count as in Sage, so that what they brought is staged back."""
        with Session(self._writing) as session, session.begin():
            for store, day in sorted(store_days):
                self._alone(session, store)
                row = session.get(ImportedAgainRow, (batch, store, day))
                if row is None:
                    session.add(
                        ImportedAgainRow(
                            batch_id=batch, store=store, trading_day=day, times=times, why=why, by=by, at=moment()
                        )
                    )
                else:
                    row.times, row.why, row.by, row.at = times, why, by, moment()
                session.flush()
                if self._state(session, store, day) in {State.DELIVERED, State.CONFIRMED}:
                    company = session.get_one(StoreDayRow, (store, day)).company
                    said = f"batch {batch} is in Sage {times + 1} times, its reversal is to be staged: {why}"
                    self._move(session, store, day, company, State.READY, said, by)


def _in_scope(compared: Comparison) -> Select[DifferenceRow]:
    within = DifferenceRow.trading_day.between(compared.first, compared.last)
    return select(DifferenceRow).where(
        DifferenceRow.closed.is_(None),
        DifferenceRow.company == compared.reading.company,
        or_(within, DifferenceRow.trading_day.is_(None)),
    )


def _open(row: DifferenceRow) -> OpenDifference:
    return OpenDifference(row.id, row.since, difference_of(json.loads(row.said)))


def _row(difference: Difference, reading: int) -> DifferenceRow:
    return DifferenceRow(
        company=difference.company,
        store=difference.store,
        trading_day=difference.trading_day,
        kind=difference.kind,
        batch_id=difference.batch,
        digest=difference.digest,
        said=json.dumps(as_said(difference), sort_keys=True),
        reading_id=reading,
        since=moment(),
        closed=None,
    )
