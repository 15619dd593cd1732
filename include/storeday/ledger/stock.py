"""The ledger's stock: the book of every store, and what of it was staged and delivered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from storeday.ledger.batches import Batches, DraftOutdated
from storeday.ledger.facts import BatchFact, BatchKind, StockDayFact
from storeday.ledger.rows import moment
from storeday.ledger.schema import BatchRow, EventRow, StagedStockRow, StockBookRow, StockDayRow, StoreDayRow
from storeday.ledger.transactions import counts_in
from storeday.model.stock import BookLine, Mismatch, Movement, StockKey, StockLines, still_to_move, summed, wanted_of
from storeday.model.store_day import State

CHECKED = (State.READY, State.STAGED, State.DELIVERED, State.CONFIRMED)
"""States of a store-day whose receipts are known to be right."""
TAKEN_BACK = "rolled back"
"""In place of the basis, where a person took the store-day back: none of its stock is wanted."""


class Stock(Batches):
    """One row a SKU, store and trading day, from which what is wanted in Sage follows."""

    def stock_day(self, store: str, day: date) -> StockDayFact | None:
        """What the stock of a store-day was read from, or None where it never was."""
        with Session(self.engine) as session:
            row = session.get(StockDayRow, (store, day))
            return _stock_day_fact(row) if row else None

    def stock_alerts(self, stores: Sequence[str], day: date) -> dict[str, list[str]]:
        """The counts of store-days that are too far from the book, in words, by store; each is in the answer."""
        query = select(StockDayRow).where(StockDayRow.store.in_(stores), StockDayRow.trading_day == day)
        with Session(self.engine) as session:
            facts = {row.store: _stock_day_fact(row) for row in session.scalars(query)}
        return {store: [str(each) for each in facts[store].alerts] if store in facts else [] for store in stores}

    def stock_behind(self, company: str, first: date, last: date) -> list[date]:
        """Days with a checked store-day whose stock was not read, or before it was last checked or taken back."""
        known = and_(StockDayRow.store == StoreDayRow.store, StockDayRow.trading_day == StoreDayRow.trading_day)
        is_new = or_(StockDayRow.store.is_(None), StockDayRow.checked_basis != StoreDayRow.basis)
        is_taken_back = and_(StoreDayRow.state == State.ROLLED_BACK, StockDayRow.checked_basis != TAKEN_BACK)
        query = (
            select(StoreDayRow.trading_day)
            .outerjoin(StockDayRow, known)
            .where(StoreDayRow.company == company, StoreDayRow.trading_day >= first, StoreDayRow.trading_day <= last)
            .where(or_(and_(StoreDayRow.state.in_(CHECKED), is_new), is_taken_back))
        )
        with Session(self.engine) as session:
            return list(session.scalars(query.distinct().order_by(StoreDayRow.trading_day)))

    def stock_unstaged(self, company: str) -> list[date]:
        """Days whose stock changed since it was last staged."""
        query = select(StockDayRow.trading_day).where(StockDayRow.company == company, ~StockDayRow.is_staged)
        with Session(self.engine) as session:
            return list(session.scalars(query.distinct().order_by(StockDayRow.trading_day)))

    def stock_staged(self, company: str, day: date) -> set[str]:
        """The stores whose stock of a day is staged, or delivered, as it is wanted."""
        query = select(StockDayRow.store).where(StockDayRow.company == company, StockDayRow.trading_day == day)
        with Session(self.engine) as session:
            return set(session.scalars(query.where(StockDayRow.is_staged)))

    def stock_drafts(self, company: str) -> list[date]:
        """Days with a draft of stock that waits to be delivered."""
        query = select(BatchRow.trading_day).where(
            BatchRow.company == company, BatchRow.kind == BatchKind.STOCK, BatchRow.state == "draft"
        )
        with Session(self.engine) as session:
            return list(session.scalars(query.order_by(BatchRow.trading_day)))

    def stock_book(self, store: str, first: date, last: date | None = None) -> list[BookLine]:
        """The lines of a store's book from one day to another, or to the newest, in order of day and SKU."""
        query = select(StockBookRow).where(StockBookRow.store == store, StockBookRow.trading_day >= first)
        if last:
            query = query.where(StockBookRow.trading_day <= last)
        with Session(self.engine) as session:
            rows = session.scalars(query.order_by(StockBookRow.trading_day, StockBookRow.sku))
            return [_book_line(row) for row in rows]

    def stock_book_before(self, store: str, day: date) -> list[BookLine]:
        """The newest line of each SKU of a store before a day."""
        newest = (
            select(StockBookRow.sku, func.max(StockBookRow.trading_day).label("newest"))
            .where(StockBookRow.store == store, StockBookRow.trading_day < day)
            .group_by(StockBookRow.sku)
            .subquery()
        )
        is_newest = and_(StockBookRow.sku == newest.c.sku, StockBookRow.trading_day == newest.c.newest)
        query = select(StockBookRow).join(newest, is_newest).where(StockBookRow.store == store)
        with Session(self.engine) as session:
            return [_book_line(row) for row in session.scalars(query.order_by(StockBookRow.sku))]

    def record_stock(
        self, fact: StockDayFact, book: Iterable[BookLine], alerts: dict[date, tuple[Mismatch, ...]], by: str
    ) -> list[date]:
        """Write down the book of a store from a day on; returns the days whose wanted lines are others now.

        ``book`` has every line of the fact's day and all later lines of the store, ``alerts`` the mismatches of
        each of these days that are above its threshold. An alert becomes an event once.
        """
        store, day = fact.store, fact.trading_day
        lines = list(book)
        with Session(self._writing) as session, session.begin():
            self._alone(session, store)
            before = _by_day(self._book(session, store, day))
            now = _by_day(lines)
            changed = [d for d in sorted({*before, *now}) if wanted_of(before.get(d, [])) != wanted_of(now.get(d, []))]
            for each in sorted({*before, *now}):
                if before.get(each) != now.get(each):
                    self._replace_book(session, store, each, now.get(each, []))
            row = session.get(StockDayRow, (store, day))
            if row is None:
                session.add(row := StockDayRow(store=store, trading_day=day, is_staged=False))
            row.company, row.checked_basis, row.settings = fact.company, fact.checked_basis, fact.settings
            session.flush()
            for each, mismatches in alerts.items():
                self._alert(session, store, each, mismatches, by)
            outdated = and_(StockDayRow.store == store, StockDayRow.trading_day.in_(changed))
            session.execute(update(StockDayRow).where(outdated).values(is_staged=False))
        return changed

    def stock_wanted(self, store: str, day: date) -> StockLines:
        """The stock lines that a store-day wants in Sage, in all."""
        with Session(self.engine) as session:
            return wanted_of(self._book(session, store, day, day))

    def stock_delivered(self, store: str, day: date, environment: str = "") -> StockLines:
        """What delivered batches moved Sage's stock by for a store-day: that of an environment, where one is named."""
        with Session(self.engine) as session:
            return self._stock_delivered(session, store, day, environment)

    def stock_lines_of(self, batch: str) -> StockLines:
        """The stock lines of one batch, those of its store-days added up."""
        with Session(self.engine) as session:
            rows = session.scalars(select(StagedStockRow).where(StagedStockRow.batch_id == batch))
            return summed((StockKey(row.code, Movement(row.movement)), row.moved_hundredths) for row in rows)

    def replace_stock_draft(
        self,
        company: str,
        day: date,
        batch: BatchFact | None,
        lines: dict[str, StockLines],
        environment: str = "",
    ) -> None:
        """Put a draft of stock in place of the one a company's trading day has; None where nothing is to be staged.

        ``lines`` has what is staged of each store-day whose stock may be staged, also where that is nothing; the
        others stay unstaged.
        Raises: DraftOutdated where that is no longer what is wanted and not delivered.
        """
        with Session(self._writing) as session, session.begin():
            self._alone(session, company, day)
            for store in sorted(lines):
                self._alone(session, store)
                wanted = wanted_of(self._book(session, store, day, day))
                if still_to_move(wanted, self._stock_delivered(session, store, day, environment)) != lines[store]:
                    raise DraftOutdated(f"stock of {store} {day.isoformat()} changed meanwhile: stage again")
            self._drop_drafts(session, company, day, BatchKind.STOCK)
            if batch is not None:
                self._add_draft(session, batch)
                rows = [
                    {
                        "batch_id": batch.id,
                        "store": store,
                        "trading_day": day,
                        "moved_hundredths": moved,
                        **key._asdict(),
                    }
                    for store, staged in lines.items()
                    for key, moved in staged.items()
                ]
                session.execute(insert(StagedStockRow), rows)
            of_day = and_(StockDayRow.company == company, StockDayRow.trading_day == day)
            session.execute(update(StockDayRow).where(of_day).values(is_staged=StockDayRow.store.in_(lines)))

    def _alert(self, session: Session, store: str, day: date, mismatches: tuple[Mismatch, ...], by: str) -> None:
        """Keep a store-day's mismatches, each an event the first time that it is found."""
        row = session.get(StockDayRow, (store, day))
        if row is None:
            return
        row.alerts = json.dumps([list(mismatch) for mismatch in mismatches])
        told = select(EventRow.why).where(EventRow.store == store, EventRow.trading_day == day)
        known = set(session.scalars(told))
        state = self._state(session, store, day)
        session.add_all(
            EventRow(at=moment(), store=store, trading_day=day, was=state, now=state, why=str(mismatch), by=by)
            for mismatch in mismatches
            if str(mismatch) not in known
        )

    def _replace_book(self, session: Session, store: str, day: date, lines: list[BookLine]) -> None:
        session.execute(delete(StockBookRow).where(StockBookRow.store == store, StockBookRow.trading_day == day))
        if lines:
            session.execute(insert(StockBookRow), [{"store": store, **line._asdict()} for line in lines])

    def _book(self, session: Session, store: str, first: date, last: date | None = None) -> list[BookLine]:
        query = select(StockBookRow).where(StockBookRow.store == store, StockBookRow.trading_day >= first)
        if last:
            query = query.where(StockBookRow.trading_day <= last)
        return [_book_line(row) for row in session.scalars(query.order_by(StockBookRow.trading_day, StockBookRow.sku))]

    def _stock_delivered(self, session: Session, store: str, day: date, environment: str) -> StockLines:
        rows = session.scalars(
            select(StagedStockRow)
            .join(BatchRow, BatchRow.id == StagedStockRow.batch_id)
            .where(StagedStockRow.store == store, StagedStockRow.trading_day == day, BatchRow.state == "delivered")
            .where(counts_in(environment))
        )
        return summed((StockKey(row.code, Movement(row.movement)), row.moved_hundredths) for row in rows)


def _by_day(lines: Iterable[BookLine]) -> dict[date, list[BookLine]]:
    days: dict[date, list[BookLine]] = {}
    for line in lines:
        days.setdefault(line.trading_day, []).append(line)
    return days


def _book_line(row: StockBookRow) -> BookLine:
    said: dict[str, Any] = {name: getattr(row, name) for name in BookLine._fields}
    return BookLine(**said)


def _stock_day_fact(row: StockDayRow) -> StockDayFact:
    return StockDayFact(
        store=row.store,
        trading_day=row.trading_day,
        company=row.company,
        checked_basis=row.checked_basis,
        settings=row.settings,
        alerts=tuple(Mismatch(*said) for said in json.loads(row.alerts)),
    )
