"""The ledger's store-days: state, verdict, reasons, and every change as an event."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from storeday.ledger.facts import StoreDayFact, VerdictFact
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

    def store_days_of(self, stores: Sequence[str], day: date) -> dict[str, StoreDayFact]:
        """The store-days of some stores on one trading day, by store; without those that nothing ever came for."""
        with Session(self.engine) as session:
            return {row.store: store_day_fact(row) for row in session.scalars(_of(StoreDayRow, stores, day))}

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
        return self.holds_of_days([store], day)[store]

    def holds_of_days(self, stores: Sequence[str], day: date) -> dict[str, list[Hold]]:
        """The same of several stores, each of which is in the answer."""
        found: dict[str, list[Hold]] = {store: [] for store in stores}
        with Session(self.engine) as session:
            for row in session.scalars(_of(HoldRow, stores, day).order_by(HoldRow.id)):
                found[row.store].append(hold_of(row))
        return found

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
        for refused in self.record_verdicts([VerdictFact(fact, tuple(holds), wanted, why)], by).values():
            raise refused

    def record_verdicts(self, verdicts: Sequence[VerdictFact], by: str) -> dict[str, RolledBack]:
        """The same of store-days of one trading day, each of another store, in one transaction.

        Returns those that were rolled back meanwhile, by store: of them nothing is written.
        """
        if not verdicts:
            return {}
        facts = [verdict.fact for verdict in verdicts]
        with Session(self._writing) as session, session.begin():
            for store in sorted(fact.store for fact in facts):  # in one order: two never wait for each other
                self._alone(session, store)
            taken_back = self._rolled_back(session, [fact.store for fact in facts], facts[0].trading_day)
            refused = {
                fact.store: RolledBack(f"{fact.store} {fact.trading_day.isoformat()} was rolled back meanwhile")
                for fact in facts
                if fact.store in taken_back and fact.state is not State.ROLLED_BACK
            }
            self._write_verdicts(session, [each for each in verdicts if each.fact.store not in refused], by)
        return refused

    def _write_verdicts(self, session: Session, verdicts: Sequence[VerdictFact], by: str) -> None:
        """Replace what is known of store-days of one trading day by their verdicts."""
        if not verdicts:
            return
        day, stores = verdicts[0].fact.trading_day, [verdict.fact.store for verdict in verdicts]
        known = {row.store: row for row in session.scalars(_of(StoreDayRow, stores, day))}
        for verdict in verdicts:
            fact = verdict.fact
            self._move(session, fact.store, day, fact.company, fact.state, verdict.why, by)
            row = known.get(fact.store) or session.get_one(StoreDayRow, (fact.store, day))
            row.basis, row.summary = fact.basis, json.dumps(fact.summary, sort_keys=True)
            row.receipt_log = fact.receipt_log
            row.receipts, row.gross_minor, row.tax_minor = fact.receipts, fact.gross_minor, fact.tax_minor
        for table, rows in ((HoldRow, _hold_rows(verdicts)), (WantedRow, _wanted_rows(verdicts))):
            session.execute(delete(table).where(table.store.in_(stores), table.trading_day == day))
            if rows:
                session.execute(insert(table), rows)

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


def _of(table: Any, stores: Sequence[str], day: date) -> Any:
    return select(table).where(table.store.in_(stores), table.trading_day == day)


def _hold_rows(verdicts: Sequence[VerdictFact]) -> list[dict[str, Any]]:
    return [
        {
            "store": verdict.fact.store,
            "trading_day": verdict.fact.trading_day,
            "is_warning": isinstance(hold, Warned),
            "said": json.dumps(asdict(hold), sort_keys=True),
        }
        for verdict in verdicts
        for hold in verdict.holds
    ]


def _wanted_rows(verdicts: Sequence[VerdictFact]) -> list[dict[str, Any]]:
    return [
        {"store": verdict.fact.store, "trading_day": verdict.fact.trading_day, **line_columns(key, amount)}
        for verdict in verdicts
        for key, amount in verdict.wanted.items()
    ]
