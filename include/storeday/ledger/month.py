"""A company's month as the ledger has it, for the audit: whole sets at a time, never a query a store-day.

Reads only. Every answer is in an order of its own, so that the same ledger gives the same audit.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, and_, func, select
from sqlalchemy.orm import Session

from storeday.ledger.readings_schema import ImportedAgainRow
from storeday.ledger.rows import decided, hold_of
from storeday.ledger.schema import AnswerRow, BatchDayRow, BatchRow, DecisionRow, HoldRow, StagedRow, StoreDayRow
from storeday.ledger.transactions import counts_in
from storeday.model.answers import Answer
from storeday.model.decisions import Decided
from storeday.model.postings import Role

_SALES = [role.value for role in Role if role.is_sale]


class MonthDay(NamedTuple):
    """A store-day; amounts in minor units."""

    store: str
    trading_day: date
    state: str
    receipts: int
    gross_minor: int
    tax_minor: int
    summary: dict[str, Any]


class HandedOver(NamedTuple):
    """The sales of a store-day under one tax code that delivered batches put into Sage; minor units."""

    store: str
    trading_day: date
    tax_code: str
    net_minor: int
    tax_minor: int


class Corrected(NamedTuple):
    """A store-day in a batch that came after its first: what its sales moved by; minor units."""

    batch: str
    state: str  # draft, delivered
    at: datetime
    store: str
    trading_day: date
    revision: int
    net_minor: int
    tax_minor: int


class MonthBatch(NamedTuple):
    """A batch of takings."""

    trading_day: date
    batch: str
    state: str
    rows: int
    gross_minor: int
    digest: str
    at: datetime


@dataclass(frozen=True)
class Month:
    """The trading days of a company from ``first`` to ``last``, both included; batches of one environment."""

    engine: Engine
    company: str
    environment: str
    first: date
    last: date

    def known(self) -> tuple[date, date] | None:
        """The oldest and the newest trading day, of any month, that a store of the company sent something of."""
        of = StoreDayRow.trading_day
        query = select(func.min(of), func.max(of)).where(StoreDayRow.company == self.company)
        with self.engine.connect() as connection:
            oldest, newest = connection.execute(query).one()
        return (oldest, newest) if oldest else None

    def days(self) -> list[MonthDay]:
        """Every store-day that something came of."""
        query = select(
            StoreDayRow.store,
            StoreDayRow.trading_day,
            StoreDayRow.state,
            StoreDayRow.receipts,
            StoreDayRow.gross_minor,
            StoreDayRow.tax_minor,
            StoreDayRow.summary,
        ).order_by(StoreDayRow.store, StoreDayRow.trading_day)
        with self.engine.connect() as connection:
            rows = connection.execute(query.where(*self._of_days))
            return [MonthDay(*row[:-1], json.loads(row.summary)) for row in rows]

    def reasons(self) -> dict[tuple[str, date], str]:
        """Why store-days wait, in the words of their holds."""
        query = select(HoldRow).join(
            StoreDayRow, and_(StoreDayRow.store == HoldRow.store, StoreDayRow.trading_day == HoldRow.trading_day)
        )
        said: dict[tuple[str, date], list[str]] = defaultdict(list)
        with Session(self.engine) as session:
            for row in session.scalars(
                query.where(*self._of_days).where(HoldRow.is_warning.is_(False)).order_by(HoldRow.id)
            ):
                said[row.store, row.trading_day].append(hold_of(row).headline())
        return {key: "; ".join(headlines) for key, headlines in said.items()}

    def handed_over(self) -> list[HandedOver]:
        """The sales of delivered batches, each as often as it counts as imported, by store-day and tax code."""
        by = (StagedRow.store, StagedRow.trading_day, StagedRow.tax_code)
        again = (ImportedAgainRow.batch_id, ImportedAgainRow.store, ImportedAgainRow.trading_day)
        ours = (StagedRow.batch_id, StagedRow.store, StagedRow.trading_day)
        times = 1 + func.coalesce(ImportedAgainRow.times, 0)
        query = (
            select(*by, func.sum(StagedRow.net_minor * times), func.sum(StagedRow.tax_minor * times))
            .join(BatchRow, BatchRow.id == StagedRow.batch_id)
            .outerjoin(ImportedAgainRow, and_(*(one == other for one, other in zip(again, ours, strict=True))))
            .where(BatchRow.state == "delivered", StagedRow.role.in_(_SALES))
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query.where(*self._of_batches).group_by(*by).order_by(*by))
            return [HandedOver(store, day, code, int(net), int(tax)) for store, day, code, net, tax in rows]

    def corrections(self) -> list[Corrected]:
        """The store-days' batches after the first, drafts too, with what the sales moved by."""
        by = (
            BatchRow.id,
            BatchRow.state,
            BatchRow.at,
            BatchDayRow.store,
            BatchDayRow.trading_day,
            BatchDayRow.revision,
        )
        lines = and_(
            StagedRow.batch_id == BatchRow.id,
            StagedRow.store == BatchDayRow.store,
            StagedRow.trading_day == BatchDayRow.trading_day,
            StagedRow.role.in_(_SALES),
        )
        query = (
            select(*by, func.sum(StagedRow.net_minor), func.sum(StagedRow.tax_minor))
            .join(BatchDayRow, BatchDayRow.batch_id == BatchRow.id)
            .outerjoin(StagedRow, lines)
            .where(BatchRow.kind == "takings", BatchDayRow.revision > 1)
            .group_by(*by)
            .order_by(BatchDayRow.trading_day, BatchDayRow.store, BatchDayRow.revision, BatchRow.id)
        )
        with self.engine.connect() as connection:
            rows: Iterable[Any] = connection.execute(query.where(*self._of_batches))
            return [
                Corrected(batch, state, at, store, day, revision, int(net or 0), int(tax or 0))
                for batch, state, at, store, day, revision, net, tax in rows
            ]

    def batches(self) -> list[MonthBatch]:
        """The batches of takings, in the order of their days."""
        columns = (
            BatchRow.trading_day,
            BatchRow.id,
            BatchRow.state,
            BatchRow.rows,
            BatchRow.gross_minor,
            BatchRow.digest,
            BatchRow.at,
        )
        query = select(*columns).where(BatchRow.kind == "takings")
        with self.engine.connect() as connection:
            rows: Iterable[Any] = connection.execute(
                query.where(*self._of_batches).order_by(BatchRow.trading_day, BatchRow.at, BatchRow.id)
            )
            return [MonthBatch(*row) for row in rows]

    def decisions(self) -> list[Decided]:
        """What persons decided about the store-days, withdrawn ones too."""
        query = select(DecisionRow).join(
            StoreDayRow,
            and_(StoreDayRow.store == DecisionRow.store, StoreDayRow.trading_day == DecisionRow.trading_day),
        )
        order = (DecisionRow.trading_day, DecisionRow.store, DecisionRow.id)
        with Session(self.engine) as session:
            return [decided(row) for row in session.scalars(query.where(*self._of_days).order_by(*order))]

    def answers(self) -> list[Answer]:
        """What persons answered about the month's batches, the oldest first."""
        columns = (
            AnswerRow.company,
            AnswerRow.trading_day,
            AnswerRow.batch_id,
            AnswerRow.digest,
            AnswerRow.is_approval,
            AnswerRow.why,
            AnswerRow.by,
            AnswerRow.at,
        )
        query = select(*columns).where(
            AnswerRow.company == self.company, AnswerRow.trading_day.between(self.first, self.last)
        )
        with self.engine.connect() as connection:
            return [Answer(*row) for row in connection.execute(query.order_by(AnswerRow.trading_day, AnswerRow.id))]

    @property
    def _of_days(self) -> tuple[ColumnElement[bool], ...]:
        return StoreDayRow.company == self.company, StoreDayRow.trading_day.between(self.first, self.last)

    @property
    def _of_batches(self) -> tuple[ColumnElement[bool], ...]:
        is_ours = BatchRow.company == self.company
        return is_ours, counts_in(self.environment), BatchRow.trading_day.between(self.first, self.last)
