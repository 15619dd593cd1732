"""What every part of the ledger does within a transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session

from storeday.ledger.engine import WRITES, exclusive_lock, open_engine
from storeday.ledger.readings_schema import ImportedAgainRow
from storeday.ledger.rows import key_of, moment
from storeday.ledger.schema import (
    BatchRow,
    DecisionRow,
    EventRow,
    StagedRow,
    StoreDayRow,
    WantedRow,
)
from storeday.model.decisions import Kind
from storeday.model.postings import Amount, Lines, summed
from storeday.model.store_day import State


def counts_in(environment: str) -> ColumnElement[bool]:
    """Whether a batch was for the Sage company of an environment; one that says none counts in each.

    It is of before companies had environments, when there was one Sage company only. No environment: any batch.
    """
    return BatchRow.environment.in_([environment, ""]) if environment else true()


class Transactions:
    """One ledger database: its engine, its locks, and the steps that transactions share."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._writing = self.engine.execution_options(**WRITES)

    def close(self) -> None:
        """Give the database's connections back."""
        self.engine.dispose()

    @contextmanager
    def exclusively(self, *what: str) -> Iterator[None]:
        """Only one process at a time does each ``what`` (collect S01, say); others wait until it is done.

        The locks go with the process, however it ends.
        """
        with exclusive_lock(self.engine, *what):
            yield

    def _alone(self, session: Session, *what: object) -> None:
        """Wait until no other transaction on the same thing is open, and then see all that it wrote.

        SQLite lets one transaction in at a time anyway (engine.py).
        """
        if self.engine.dialect.name == "postgresql":
            key = hashlib.sha256(repr(what).encode()).digest()[:8]
            session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(key, "big", signed=True))))

    def _wanted(self, session: Session, store: str, day: date) -> Lines:
        rows = session.scalars(select(WantedRow).where(WantedRow.store == store, WantedRow.trading_day == day))
        return summed((key_of(row), Amount(row.net_minor, row.tax_minor)) for row in rows)

    def _delivered(self, session: Session, store: str, day: date, environment: str = "") -> Lines:
        again = (ImportedAgainRow.batch_id, ImportedAgainRow.store, ImportedAgainRow.trading_day)
        ours = (StagedRow.batch_id, StagedRow.store, StagedRow.trading_day)
        rows = session.execute(
            select(StagedRow, 1 + func.coalesce(ImportedAgainRow.times, 0))
            .join(BatchRow, BatchRow.id == StagedRow.batch_id)
            .outerjoin(ImportedAgainRow, and_(*(one == other for one, other in zip(again, ours, strict=True))))
            .where(StagedRow.store == store, StagedRow.trading_day == day, BatchRow.state == "delivered")
            .where(counts_in(environment))
        )
        return summed((key_of(row), Amount(row.net_minor * times, row.tax_minor * times)) for row, times in rows)

    def _state(self, session: Session, store: str, day: date) -> State:
        row = session.get(StoreDayRow, (store, day))
        return State(row.state) if row else State.EXPECTED

    def _is_rolled_back(self, session: Session, store: str, day: date) -> bool:
        """Whether a person took the store-day back and nobody released it since."""
        return bool(self._rolled_back(session, [store], day))

    def _rolled_back(self, session: Session, stores: Sequence[str], day: date) -> set[str]:
        """The stores among some whose day a person took back and nobody released since."""
        taken_back = select(DecisionRow.store).where(
            DecisionRow.store.in_(stores),
            DecisionRow.trading_day == day,
            DecisionRow.kind == Kind.ROLLBACK,
            DecisionRow.withdrawn == "",
        )
        return set(session.scalars(taken_back))

    def _move(self, session: Session, store: str, day: date, company: str, now: State, why: str, by: str) -> None:
        row = session.get(StoreDayRow, (store, day))
        was = State(row.state) if row else State.EXPECTED
        if row is None:
            row = StoreDayRow(store=store, trading_day=day, company=company, state=was, at=moment())
            session.add(row)
        if was is now:
            return
        row.state, row.at = now, moment()
        self._tell(session, store, day, was, now, why, by)

    def _tell(self, session: Session, store: str, day: date, was: State, now: State, why: str, by: str) -> None:
        session.add(EventRow(at=moment(), store=store, trading_day=day, was=was, now=now, why=why, by=by))
