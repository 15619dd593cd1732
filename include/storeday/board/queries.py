"""What the pages ask the ledger: whole sets at a time, by SQLAlchemy Core, never a query a store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, String, and_, cast, func, select

from storeday.ledger.readings_schema import DifferenceRow
from storeday.ledger.schema import BatchDayRow, BatchRow, StoreDayRow
from storeday.model.differences import SAGE_KINDS


class DayState(NamedTuple):
    """A store-day as the ledger has it; amounts in minor units."""

    state: str
    receipts: int
    gross_minor: int


class DayTotal(NamedTuple):
    """The store-days of a company that are in one state on one day; the amount in minor units."""

    day: date
    state: str
    company: str
    store_days: int
    gross_minor: int


@dataclass(frozen=True)
class StoreDays:
    """The ledger's store-days of some days that follow each other, each question one query over one index.

    A thousand stores have 35,000 of them: the database sums them up, and only those of a page come one by one.
    """

    engine: Engine
    days: list[date]

    def by_state(self) -> dict[str, dict[str, frozenset[date]]]:
        """The days of each store that are in each state: by store, then state."""
        day_of = {day.isoformat(): day for day in self.days}
        days = func.aggregate_strings(cast(StoreDayRow.trading_day, String), ",")
        query = select(StoreDayRow.store, StoreDayRow.state, days).group_by(StoreDayRow.store, StoreDayRow.state)
        found: dict[str, dict[str, frozenset[date]]] = defaultdict(dict)
        with self.engine.connect() as connection:
            for store, state, said in connection.execute(query.where(self._are_asked_for)):
                found[store][state] = frozenset(map(day_of.__getitem__, said.split(",")))
        return found

    def totals(self, stores: list[str] | None) -> list[DayTotal]:
        """Sums of these stores by day, state and company; None: of all."""
        parts = (StoreDayRow.trading_day, StoreDayRow.state, StoreDayRow.company)
        query = select(*parts, func.count(), func.sum(StoreDayRow.gross_minor)).group_by(*parts)
        if stores is not None:
            query = query.where(StoreDayRow.store.in_(stores))
        with self.engine.connect() as connection:
            found = connection.execute(query.where(self._are_asked_for)).all()
        return [DayTotal(day, state, company, count, int(gross)) for day, state, company, count, gross in found]

    def of(self, stores: list[str]) -> dict[str, dict[date, DayState]]:
        """The store-days of a few stores, by store and day."""
        query = select(
            StoreDayRow.store,
            StoreDayRow.trading_day,
            StoreDayRow.state,
            StoreDayRow.receipts,
            StoreDayRow.gross_minor,
        ).where(self._are_asked_for, StoreDayRow.store.in_(stores))
        found: dict[str, dict[date, DayState]] = defaultdict(dict)
        with self.engine.connect() as connection:
            for store, day, state, receipts, gross_minor in connection.execute(query):
                found[store][day] = DayState(state, receipts, gross_minor)
        return found

    def corrected(self) -> set[tuple[str, date]]:
        """Store-days that were delivered more than once: something came, or was decided, after they were in Sage."""
        query = (
            select(BatchDayRow.store, BatchDayRow.trading_day)
            .join(BatchRow, and_(BatchRow.id == BatchDayRow.batch_id, BatchRow.kind == "takings"))
            .where(BatchRow.trading_day.between(self.days[0], self.days[-1]))
            .where(BatchRow.state == "delivered", BatchDayRow.revision > 1)
        )
        with self.engine.connect() as connection:
            return {(store, day) for store, day in connection.execute(query)}

    def differing(self) -> set[tuple[str, date]]:
        """Store-days in which Sage is not as it was handed over: by a difference of their own or of their batch."""
        d = DifferenceRow
        asked = d.trading_day.between(self.days[0], self.days[-1]), d.closed.is_(None), d.kind.in_(sorted(SAGE_KINDS))
        own = select(d.store, d.trading_day).where(*asked, d.store.is_not(None))
        batches = select(BatchDayRow.store, BatchDayRow.trading_day).join(d, d.batch_id == BatchDayRow.batch_id)
        with self.engine.connect() as connection:
            found = connection.execute(own.union(batches.where(*asked, d.store.is_(None))))
            return {(store, day) for store, day in found if store and day}

    @property
    def _are_asked_for(self) -> ColumnElement[bool]:
        return StoreDayRow.trading_day.between(self.days[0], self.days[-1])


def known_days(engine: Engine) -> tuple[date, date] | None:
    """The oldest and the newest trading day that any store sent something of; None where nothing ever came."""
    oldest, newest = (select(of(StoreDayRow.trading_day)).scalar_subquery() for of in (func.min, func.max))
    with engine.connect() as connection:
        first, last = connection.execute(select(oldest, newest)).one()
    return (first, last) if first else None


def differences(engine: Engine, companies: list[str]) -> int:
    """How many differences between Sage and what was handed over are open."""
    is_open = DifferenceRow.closed.is_(None), DifferenceRow.kind.in_(sorted(SAGE_KINDS))
    query = select(func.count()).where(*is_open, DifferenceRow.company.in_(companies))
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def drafts(engine: Engine, companies: list[str]) -> int:
    """How many batches of these companies are drafts: staged, and not delivered."""
    query = select(func.count()).where(BatchRow.state == "draft", BatchRow.company.in_(companies))
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()
