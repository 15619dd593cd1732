"""The files of store-days: what is asked of them when days are closed, of many stores in one statement each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, String, column, select, values
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from storeday.ledger.facts import Fate, FileFact
from storeday.ledger.rows import file_fact
from storeday.ledger.schema import FileDayRow, FileRow, TillDayRow
from storeday.ledger.transactions import Transactions

LastNumbers = dict[str, tuple[str | None, str | None]]
"""The last receipt and Z number of each till."""

Fact = TypeVar("Fact")


class DayFiles(Transactions):
    """The files that have rows of a store-day, by what became of them, and the running numbers before them."""

    def files_of(self, store: str, day: date) -> list[FileFact]:
        """The accepted files with rows of a store-day and what they hold of it, in order of name and digest."""
        return self.files_of_days([store], day)[store]

    def files_of_days(self, stores: Sequence[str], day: date) -> dict[str, list[FileFact]]:
        """The same of several stores, each of which is in the answer."""
        return self._with_rows_of(stores, day, Fate.ACCEPTED)

    def superseded(self, stores: Sequence[str], day: date) -> dict[str, list[FileFact]]:
        """Files of store-days that a corrected file of the same name took the place of, by store."""
        return self._with_rows_of(stores, day, Fate.SUPERSEDED)

    def open_rejections(self, store: str, day: date) -> list[FileFact]:
        """Rejected files of a store-day, by the day they hint at, that no good file of that name came after.

        Good is also one whose bytes had come under another name before: they are here, and count.
        """
        return self.open_rejections_of_days([store], day)[store]

    def open_rejections_of_days(self, stores: Sequence[str], day: date) -> dict[str, list[FileFact]]:
        """The same of several stores, each of which is in the answer."""
        later = aliased(FileRow)
        replaced = select(later.id).where(
            later.store == FileRow.store,
            later.name == FileRow.name,
            later.fate.in_([Fate.ACCEPTED, Fate.DUPLICATE]),
            later.id > FileRow.id,
        )
        query = (
            select(FileRow)
            .where(FileRow.store.in_(stores), FileRow.fate == Fate.REJECTED, FileRow.day_hint == day)
            .where(~replaced.exists())
            .order_by(FileRow.name, FileRow.sha256)
        )
        with Session(self.engine) as session:
            return _by_store(stores, (file_fact(row) for row in session.scalars(query)))

    def last_numbers_before(self, stores: Mapping[str, Iterable[str]], day: date) -> dict[str, LastNumbers]:
        """The last receipt and Z number that tills had on earlier trading days, by store.

        ``stores`` are the tills of each that its settings know; those with rows of the day itself are asked for
        besides. Of each till the newest row alone is read, however long its history.
        """
        with Session(self.engine) as session:
            sent = select(FileDayRow.store, TillDayRow.till).join(
                TillDayRow,
                (TillDayRow.file_id == FileDayRow.file_id) & (TillDayRow.trading_day == FileDayRow.trading_day),
            )
            sent = sent.where(FileDayRow.store.in_(list(stores)), FileDayRow.trading_day == day).distinct()
            tills = {(store, till) for store, known in stores.items() for till in known}
            tills |= {(row.store, row.till) for row in session.execute(sent)}
            last: dict[str, LastNumbers] = {store: {} for store in stores}
            if tills:
                asked = values(column("store", String), column("till", String), name="asked").data(sorted(tills)).cte()
                newest = [_newest(asked, number, day) for number in (TillDayRow.last_receipt, TillDayRow.last_z)]
                for store, till, receipt, z in session.execute(select(asked.c.store, asked.c.till, *newest)):
                    if receipt is not None or z is not None:
                        last[store][till] = (receipt, z)
            return last

    def _with_rows_of(self, stores: Sequence[str], day: date, fate: Fate) -> dict[str, list[FileFact]]:
        query = (
            select(FileRow, FileDayRow)
            .join(FileDayRow, FileDayRow.file_id == FileRow.id)
            .where(FileDayRow.store.in_(stores), FileDayRow.trading_day == day, FileRow.fate == fate)
            .order_by(FileRow.name, FileRow.sha256)
        )
        with Session(self.engine) as session:
            return _by_store(stores, (file_fact(file, held) for file, held in session.execute(query)))


def _newest(asked: Any, number: InstrumentedAttribute[str | None], day: date) -> ColumnElement[str | None]:
    """The newest number of a till on the trading days before, of the files that count."""
    of_till: ColumnElement[str | None] = (
        select(number)
        .join(FileRow, FileRow.id == TillDayRow.file_id)
        .where(TillDayRow.store == asked.c.store, TillDayRow.till == asked.c.till, TillDayRow.trading_day < day)
        .where(number.is_not(None), FileRow.fate == Fate.ACCEPTED)
        .order_by(TillDayRow.trading_day.desc(), TillDayRow.last_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return of_till


def _by_store(stores: Sequence[str], files: Iterable[FileFact]) -> dict[str, list[FileFact]]:
    found: dict[str, list[FileFact]] = defaultdict(list)
    for file in files:
        found[file.store].append(file)
    return {store: found[store] for store in stores}
