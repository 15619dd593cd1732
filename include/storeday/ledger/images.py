"""Rows of the ledger as plain JSON values and back: what is kept beside landing, in case the ledger is lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from storeday.ledger.acceptances_schema import AcceptanceRow
from storeday.ledger.mappings_schema import MappingRow
from storeday.ledger.readings_schema import ImportedAgainRow
from storeday.ledger.schema import (
    AnswerRow,
    Base,
    BatchRow,
    DecisionRow,
    EventRow,
    FileRow,
    StockDayRow,
    StoreDayRow,
    ToldRow,
)
from storeday.ledger.transactions import Transactions

Image = dict[str, Any]
"""A row by column; days and moments as ISO 8601."""

_NAMES_AT_ONCE = 500


class Images(Transactions):
    """What the ledger alone knows: names and fates of files, what persons said, what happened and who was told."""

    def file_images(self, store: str, after: int, names: Iterable[str]) -> list[Image]:
        """A store's files that were written down after a file's number, and all of some names, in their order."""
        asked = sorted(set(names))
        with Session(self.engine) as session:
            of_store = select(FileRow).where(FileRow.store == store)
            rows = {row.id: row for row in session.scalars(of_store.where(FileRow.id > after))}
            for start in range(0, len(asked), _NAMES_AT_ONCE):
                of_names = of_store.where(FileRow.name.in_(asked[start : start + _NAMES_AT_ONCE]))
                rows |= {row.id: row for row in session.scalars(of_names)}
            return [image_of(rows[number]) for number in sorted(rows)]

    def store_day_image(self, store: str, day: date) -> dict[str, Any]:
        """A store-day as it stands without its figures in words, and all that was decided and happened."""
        with Session(self.engine) as session:
            row = session.get(StoreDayRow, (store, day))
            stands = image_of(row, without=("summary",)) if row else None
            stock = session.get(StockDayRow, (store, day))
            said: dict[str, Any] = {"store_day": stands, "stock_day": image_of(stock) if stock else None}
            for name, table in (("decisions", DecisionRow), ("events", EventRow)):
                rows = session.scalars(
                    select(table).where(table.store == store, table.trading_day == day).order_by(table.id)
                )
                said[name] = [image_of(each) for each in rows]
            return said

    def company_day_image(self, company: str, day: date) -> dict[str, list[Image]]:
        """What persons answered about a company's batches of a day, and who was told of what."""
        with Session(self.engine) as session:
            said = {}
            for name, table in (("answers", AnswerRow), ("told", ToldRow)):
                rows = session.scalars(
                    select(table).where(table.company == company, table.trading_day == day).order_by(table.id)
                )
                said[name] = [image_of(each) for each in rows]
            return said

    def company_image(self, company: str) -> dict[str, list[Image]]:
        """What persons accepted of a company as a whole: mappings, trials for production, files imported twice."""
        again = select(ImportedAgainRow).join(BatchRow, BatchRow.id == ImportedAgainRow.batch_id)
        queries: dict[str, Select[Any]] = {
            "mapping_versions": select(MappingRow).where(MappingRow.company == company).order_by(MappingRow.number),
            "acceptances": select(AcceptanceRow).where(AcceptanceRow.company == company).order_by(AcceptanceRow.id),
            "imported_again": again.where(BatchRow.company == company).order_by(
                *ImportedAgainRow.__table__.primary_key
            ),
        }
        with Session(self.engine) as session:
            return {name: [image_of(row) for row in session.scalars(query)] for name, query in queries.items()}


SAID: Final[dict[str, type[Base]]] = {
    table.__tablename__: table
    for table in (DecisionRow, AnswerRow, ToldRow, MappingRow, AcceptanceRow, ImportedAgainRow)
}
"""The tables that hold what persons said and were told, by name: nothing else knows it."""


def image_of(row: Base, without: Iterable[str] = ()) -> Image:
    """A row as JSON takes it."""
    names = [column.name for column in row.__table__.columns if column.name not in set(without)]
    return {name: _plain(getattr(row, name)) for name in names}


def row_values(table: type[Base], image: Image) -> Image:
    """The values of a row again; columns that the table has no more are left out."""
    columns = {column.name: column.type.python_type for column in table.__table__.columns}
    return {name: _typed(columns[name], value) for name, value in image.items() if name in columns}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _typed(kind: type, value: Any) -> Any:
    if value is None:
        return None
    if kind is datetime:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind is date else value
