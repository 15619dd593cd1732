"""The ledger's tables of what was read back from Sage. The same rules as in schema.py."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storeday.ledger.schema import Base, Code, Digest


class ReadingRow(Base):
    """Something that was read back from Sage and compared; ``basis`` is the digest of all that was compared."""

    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    company: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(255))  # remote: shown, never a path
    sha256: Mapped[str] = mapped_column(Digest)
    rows: Mapped[int]
    first: Mapped[date | None]
    last: Mapped[date | None]
    basis: Mapped[str] = mapped_column(Digest)


class DifferenceRow(Base):
    """A difference between Sage and what was delivered; open until a later reading does not find it."""

    __tablename__ = "differences"
    __table_args__ = (Index(None, "company", "trading_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company: Mapped[str] = mapped_column(String(40))
    store: Mapped[str | None] = mapped_column(Code)
    trading_day: Mapped[date | None]
    kind: Mapped[str] = mapped_column(String(40))
    batch_id: Mapped[str] = mapped_column(String(16))  # empty where it is about none
    digest: Mapped[str] = mapped_column(Digest)
    said: Mapped[str]  # JSON of the Difference
    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id"))  # that found it first
    since: Mapped[datetime]
    closed: Mapped[datetime | None]


class ImportedAgainRow(Base):
    """A store-day of a delivered batch that was imported ``times`` more: so often again it counts as in Sage."""

    __tablename__ = "imported_again"

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    store: Mapped[str] = mapped_column(Code, primary_key=True)
    trading_day: Mapped[date] = mapped_column(primary_key=True)
    times: Mapped[int]
    why: Mapped[str]
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
