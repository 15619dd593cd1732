"""A ledger that is made again: rows put back as they were, past the rules that guard a ledger at work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Integer, Table, delete, insert, inspect, literal, select, text
from sqlalchemy.orm import Session

from storeday.ledger.facts import BatchFact, FileDay
from storeday.ledger.images import SAID, Image, row_values
from storeday.ledger.ledger import Ledger
from storeday.ledger.rows import batch_row, day_rows, line_columns, moment
from storeday.ledger.schema import (
    Base,
    BatchDayRow,
    EventRow,
    FileRow,
    HandedOverRow,
    HoldRow,
    StagedRow,
    StagedStockRow,
    StockDayRow,
    StoreDayRow,
    WantedRow,
)
from storeday.model.errors import StoredayError
from storeday.model.postings import Lines
from storeday.model.stock import StockLines
from storeday.model.store_day import State

_HALF_MADE: Final = "rebuild_under_way"
"""A table that is there while a ledger is being made again: one that has it may be thrown away."""


class LedgerInUse(StoredayError):
    """A ledger has rows of its own: nothing is made again over it."""


class RebuiltLedger(Ledger):
    """A new ledger, empty when it is opened."""

    @staticmethod
    def begun(url: str) -> RebuiltLedger:
        """An empty ledger at a URL; what a rebuild that was broken off left there is thrown away.

        Raises: LedgerInUse where a ledger is there that has anything in it.
        """
        ledger = RebuiltLedger(url)
        tables = Base.metadata.sorted_tables
        with ledger._writing.begin() as connection:
            is_half_made = inspect(connection).has_table(_HALF_MADE)
            if not is_half_made and (filled := [table.name for table in tables if _has_rows(connection, table)]):
                where = ledger.engine.url.render_as_string(hide_password=True)
                raise LedgerInUse(
                    f"{where} is a ledger with something in it ({', '.join(filled[:3])}): one is made again beside it, "
                    "never over it. Where a rebuild that was broken off at its very end made it, it is whole: remove "
                    "it to have it made and proven once more"
                )
            for table in reversed(tables):
                connection.execute(delete(table))
            connection.execute(text(f"CREATE TABLE IF NOT EXISTS {_HALF_MADE} (began VARCHAR(32))"))
        return ledger

    def done(self) -> None:
        """From here on it is a ledger like any other, whose next rows are numbered on."""
        with self._writing.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                for table in Base.metadata.sorted_tables:
                    if "id" in table.columns and isinstance(table.columns["id"].type, Integer):
                        self._number_on(connection, table.name)
            connection.execute(text(f"DROP TABLE {_HALF_MADE}"))

    def restore_files(self, store: str, company: str, files: Iterable[tuple[Image, tuple[FileDay, ...]]]) -> None:
        """A store's files with what they hold, under their old numbers; their days are received."""
        with Session(self._writing) as session, session.begin():
            for image, days in files:
                row = FileRow(**row_values(FileRow, image))
                session.add(row)
                session.flush()
                session.add_all(day_rows(row.id, store, days))
                for day in days:
                    self._received(session, store, day.trading_day, company)

    def restore_batch(
        self,
        batch: BatchFact,
        logs: dict[str, str],
        lines: dict[str, Lines],
        stock: dict[str, StockLines],
    ) -> None:
        """A batch as its files say: receipt logs, posting lines or stock lines by store."""
        with Session(self._writing) as session, session.begin():
            session.add(batch_row(batch))
            session.flush()
            for store, day, revision in batch.store_days:
                of_day: dict[str, Any] = {"batch_id": batch.id, "store": store, "trading_day": day}
                session.add(BatchDayRow(**of_day, revision=revision, receipt_log=logs.get(store, "")))
                session.add_all(StagedRow(**of_day, **line_columns(k, a)) for k, a in lines.get(store, {}).items())
                session.add_all(
                    StagedStockRow(**of_day, **key._asdict(), moved_hundredths=moved)
                    for key, moved in stock.get(store, {}).items()
                )
                self._received(session, store, day, batch.company)
            for key in batch.records:
                session.add(HandedOverRow(batch_id=batch.id, company=batch.company, kind=key.kind, code=key.code))

    def restore_said(self, images: dict[str, list[Image]]) -> None:
        """What persons said and were told, by table and under the old numbers."""
        with Session(self._writing) as session, session.begin():
            for name, table in SAID.items():
                if rows := [row_values(table, image) for image in images.get(name, [])]:
                    session.execute(insert(table), rows)

    def forget_events(self) -> None:
        """Before what happened is put back: what was written down while store-days were checked again."""
        with self._writing.begin() as connection:
            connection.execute(delete(EventRow))

    def restore_events(self, images: Iterable[Image]) -> None:
        """What happened, under its old numbers."""
        with self._writing.begin() as connection:
            if rows := [row_values(EventRow, image) for image in images]:
                connection.execute(insert(EventRow), rows)

    def restore_standing(self, store: str, day: date, state: State, said: dict[str, Any], wanted: Lines | None) -> None:
        """How a store-day stood: its state, columns of its row, and the lines that it wanted (None: as they are).

        With lines nothing holds it any more; what is worth a look stays.
        """
        with Session(self._writing) as session, session.begin():
            row = session.get_one(StoreDayRow, (store, day))
            row.state = state
            for name, value in said.items():
                setattr(row, name, value)
            if wanted is not None:
                of_day = (WantedRow.store == store, WantedRow.trading_day == day)
                session.execute(delete(WantedRow).where(*of_day))
                holds = (HoldRow.store == store, HoldRow.trading_day == day, ~HoldRow.is_warning)
                session.execute(delete(HoldRow).where(*holds))
                session.add_all(
                    WantedRow(store=store, trading_day=day, **line_columns(k, a)) for k, a in wanted.items()
                )

    def restore_basis(self, store: str, day: date, basis: str) -> None:
        """What a store-day was last checked with, and its stock read with."""
        with Session(self._writing) as session, session.begin():
            session.get_one(StoreDayRow, (store, day)).basis = basis
            if (stock := session.get(StockDayRow, (store, day))) is not None:
                stock.checked_basis = basis

    def restore_staged_stock(self, store: str, day: date, *, is_staged: bool) -> None:
        """Whether a store-day's stock is staged or delivered as it is wanted."""
        with Session(self._writing) as session, session.begin():
            if (row := session.get(StockDayRow, (store, day))) is not None:
                row.is_staged = is_staged

    def _received(self, session: Session, store: str, day: date, company: str) -> None:
        if session.get(StoreDayRow, (store, day)) is None:
            session.add(StoreDayRow(store=store, trading_day=day, company=company, state=State.RECEIVED, at=moment()))
            session.flush()

    def _number_on(self, connection: Any, table: str) -> None:
        highest = connection.execute(text(f"SELECT coalesce(max(id), 0) FROM {table}")).scalar()  # noqa: S608
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :next, false)"),
            {"table": table, "next": highest + 1},
        )


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(select(literal(1)).select_from(table).limit(1)).first() is not None
