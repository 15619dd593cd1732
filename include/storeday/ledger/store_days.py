"""The ledger's store-days: state, verdict, reasons, and every change as an event."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storeday.ledger.facts import StoreDayFact
from storeday.ledger.rows import hold_of, line_columns, store_day_fact
from storeday.ledger.schema import EventRow, HoldRow, StoreDayRow, WantedRow
from storeday.ledger.transactions import Transactions
from storeday.model.errors import StoredayError
from storeday.model.postings import Lines
from storeday.model.store_day import Hold, State, Warned


class RolledBack(StoredayError):
    """A person took the store-day back while it was being checked: run it again to be told."""


class StoreDays(Transactions):
    """One row a store-day, with what holds it and the posting lines that it wants."""

    def store_day(self, store: str, day: date) -> StoreDayFact | None:
        """One store-day, or None where nothing ever came for it."""
        with Session(self.engine) as session:
            row = session.get(StoreDayRow, (store, day))
            return store_day_fact(row) if row else None

    def store_days(self, first: date | None = None, last: date | None = None) -> list[StoreDayFact]:
        """The store-days of a range, in order of day and store."""
        with Session(self.engine) as session:
            query = select(StoreDayRow).order_by(StoreDayRow.trading_day, StoreDayRow.store)
            if first:
                query = query.where(StoreDayRow.trading_day >= first)
            if last:
                query = query.where(StoreDayRow.trading_day <= last)
            return [store_day_fact(row) for row in session.scalars(query)]

    def holds(self, store: str, day: date) -> list[Hold]:
        """The reasons a store-day waits, and (as Warned) what is worth a look, in the order they were found."""
        with Session(self.engine) as session:
            rows = session.scalars(
                select(HoldRow).where(HoldRow.store == store, HoldRow.trading_day == day).order_by(HoldRow.id)
            )
            return [hold_of(row) for row in rows]

    def events(self, store: str, day: date) -> list[tuple[datetime, str, str, str, str]]:
        """When, from what, to what, why and by whom a store-day changed, oldest first."""
        with Session(self.engine) as session:
            rows = session.scalars(
                select(EventRow).where(EventRow.store == store, EventRow.trading_day == day).order_by(EventRow.id)
            )
            return [(row.at, row.was, row.now, row.why, row.by) for row in rows]

    def record_verdict(self, fact: StoreDayFact, holds: Iterable[Hold], wanted: Lines, why: str, by: str) -> None:
        """Write down what the checks found of a store-day and, where it is ready, the lines that it wants.

        Raises: RolledBack where a person took the store-day back meanwhile: no verdict brings it back.
        """
        with Session(self._writing) as session, session.begin():
            self._alone(session, fact.store)
            if fact.state is not State.ROLLED_BACK and self._is_rolled_back(session, fact.store, fact.trading_day):
                raise RolledBack(f"{fact.store} {fact.trading_day.isoformat()} was rolled back meanwhile")
            self._write_verdict(session, fact, holds, wanted, why, by)

    def _write_verdict(
        self, session: Session, fact: StoreDayFact, holds: Iterable[Hold], wanted: Lines, why: str, by: str
    ) -> None:
        key = (fact.store, fact.trading_day)
        self._move(session, *key, fact.company, fact.state, why, by)
        row = session.get_one(StoreDayRow, key)
        row.basis, row.summary = fact.basis, json.dumps(fact.summary, sort_keys=True)
        row.receipt_log = fact.receipt_log
        row.receipts, row.gross_minor, row.tax_minor = fact.receipts, fact.gross_minor, fact.tax_minor
        session.execute(delete(HoldRow).where(HoldRow.store == key[0], HoldRow.trading_day == key[1]))
        session.execute(delete(WantedRow).where(WantedRow.store == key[0], WantedRow.trading_day == key[1]))
        for hold in holds:
            said = json.dumps(asdict(hold), sort_keys=True)
            session.add(HoldRow(store=key[0], trading_day=key[1], is_warning=isinstance(hold, Warned), said=said))
        session.add_all(WantedRow(store=key[0], trading_day=key[1], **line_columns(k, a)) for k, a in wanted.items())

    def note(self, store_days: Iterable[tuple[str, date]], why: str, by: str) -> None:
        """Write an event that changes no state: somebody asked for something, a run of the day say."""
        with Session(self._writing) as session, session.begin():
            for store, day in store_days:
                state = self._state(session, store, day)
                self._tell(session, store, day, state, state, why, by)

    def move(self, store: str, day: date, company: str, state: State, why: str, by: str) -> None:
        """Change a store-day's state; an event says so where it did change."""
        with Session(self._writing) as session, session.begin():
            self._alone(session, store)
            self._move(session, store, day, company, state, why, by)
