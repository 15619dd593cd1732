"""What the pages ask the ledger: whole sets at a time, by SQLAlchemy Core, never a query a store."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from sqlalchemy import Engine, String, and_, cast, func, select

from storeday.ledger.schema import BatchDayRow, BatchRow, StoreDayRow


class DayState(NamedTuple):
    """A store-day as the ledger has it; amounts in minor units."""

    state: str
    receipts: int
    gross_minor: int


Known = dict[str, dict[date, DayState]]
"""The store-days of a range, by store and day."""


def known_days(engine: Engine) -> tuple[date, date] | None:
    """The oldest and the newest trading day that any store sent something of; None where nothing ever came."""
    oldest, newest = (select(of(StoreDayRow.trading_day)).scalar_subquery() for of in (func.min, func.max))
    with engine.connect() as connection:
        first, last = connection.execute(select(oldest, newest)).one()
    return (first, last) if first else None


def day_states(engine: Engine, days: list[date]) -> Known:
    """The store-days of some days that follow each other. One query, answered from one index.

    Days come as text: a thousand stores have 35,000 of them, and only so many different ones.
    """
    day_of = {day.isoformat(): day for day in days}
    query = select(
        StoreDayRow.store,
        cast(StoreDayRow.trading_day, String),
        StoreDayRow.state,
        StoreDayRow.receipts,
        StoreDayRow.gross_minor,
    ).where(StoreDayRow.trading_day.between(days[0], days[-1]))
    found: Known = defaultdict(dict)
    with engine.connect() as connection:
        for store, day, state, receipts, gross_minor in connection.execute(query):
            found[store][day_of[day]] = DayState(state, receipts, gross_minor)
    return found


def corrected_days(engine: Engine, first: date, last: date) -> set[tuple[str, date]]:
    """Store-days that were delivered more than once: something came, or was decided, after they were in Sage."""
    query = (
        select(BatchDayRow.store, BatchDayRow.trading_day)
        .join(BatchRow, and_(BatchRow.id == BatchDayRow.batch_id, BatchRow.kind == "takings"))
        .where(BatchRow.trading_day.between(first, last), BatchRow.state == "delivered", BatchDayRow.revision > 1)
    )
    with engine.connect() as connection:
        return {(store, day) for store, day in connection.execute(query)}


def drafts(engine: Engine, companies: list[str]) -> int:
    """How many batches of these companies are drafts: staged, and not delivered."""
    query = select(func.count()).where(BatchRow.state == "draft", BatchRow.company.in_(companies))
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()
