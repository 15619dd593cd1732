"""The ledger's tables. Money is whole minor units; days are dates; ``at`` is when it was written down.

A change here needs a migration in migrations/versions; a test compares the two.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, MetaData, String, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Code = String(16)
Digest = String(64)


class Base(DeclarativeBase):
    """All tables, with constraint names that migrations can count on."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        }
    )


class FileRow(Base):
    """One file of a till and its fate."""

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("store", "name", "sha256"),
        Index(None, "store", "sha256"),
        Index("ix_files_store_id", "store", "id"),  # the journal's: what was written down since it was last kept
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    store: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(String(255))  # remote: shown, never a path
    sha256: Mapped[str] = mapped_column(Digest)
    size: Mapped[int] = mapped_column(BigInteger)
    fate: Mapped[str] = mapped_column(String(16))  # accepted, rejected, duplicate
    why: Mapped[str] = mapped_column(default="")
    stamp: Mapped[str] = mapped_column(String(120), default="")  # size and time of file and marker when fetched
    records: Mapped[int] = mapped_column(default=0)
    receipts: Mapped[int] = mapped_column(default=0)
    gross_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    day_hint: Mapped[date | None]  # what name or content hint at; all there is to go by for a rejected file
    at: Mapped[datetime]


class FileDayRow(Base):
    """One trading day that a file has rows of."""

    __tablename__ = "file_days"
    __table_args__ = (Index(None, "trading_day", "store"),)

    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"), primary_key=True)
    trading_day: Mapped[date] = mapped_column(primary_key=True)
    store: Mapped[str] = mapped_column(Code, server_default=text("''"))  # the file's
    receipts: Mapped[int]
    gross_minor: Mapped[int] = mapped_column(BigInteger)
    tables: Mapped[str] = mapped_column(String(80))  # the canonical tables that have rows, with commas between
    bundle: Mapped[str] = mapped_column(Digest, server_default=text("''"))  # the name of the pieces with its rows


class TillDayRow(Base):
    """The first and last running numbers of a till in one file and trading day, in the order of time."""

    __tablename__ = "till_days"
    # A till's newest row is found among years of them; few rows have a Z, and of some feeds none.
    __table_args__ = (
        Index(None, "store", "till", "trading_day"),
        Index(
            "ix_till_days_z",
            "store",
            "till",
            "trading_day",
            sqlite_where=text("last_z IS NOT NULL"),
            postgresql_where=text("last_z IS NOT NULL"),
        ),
    )

    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"), primary_key=True)
    trading_day: Mapped[date] = mapped_column(primary_key=True)
    store: Mapped[str] = mapped_column(Code, server_default=text("''"))  # the file's
    till: Mapped[str] = mapped_column(Code, primary_key=True)
    first_receipt: Mapped[str | None] = mapped_column(Code)
    last_receipt: Mapped[str | None] = mapped_column(Code)
    last_z: Mapped[str | None] = mapped_column(Code)
    last_at: Mapped[datetime]


class StoreDayRow(Base):
    """One store-day as it stands."""

    __tablename__ = "store_days"
    # The board's: it has all that a month of every store's states needs, without the figures beside them.
    __table_args__ = (
        Index("ix_store_days_board", "trading_day", "store", "state", "receipts", "gross_minor", "company"),
    )

    store: Mapped[str] = mapped_column(Code, primary_key=True)
    trading_day: Mapped[date] = mapped_column(primary_key=True, index=True)
    company: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(String(16))
    basis: Mapped[str] = mapped_column(Digest, default="")  # digest of all that the last check looked at
    summary: Mapped[str] = mapped_column(default="{}")  # JSON: the store-day's figures, for sheet and board
    receipt_log: Mapped[str] = mapped_column(Digest, default="")  # of the receipts it posts
    receipts: Mapped[int] = mapped_column(default=0)
    gross_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    tax_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    at: Mapped[datetime]


class HoldRow(Base):
    """A reason why a store-day waits, or (``is_warning``) something worth a look."""

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    store: Mapped[str] = mapped_column(Code, index=True)
    trading_day: Mapped[date]
    is_warning: Mapped[bool]
    said: Mapped[str]  # JSON of the Hold


class WantedRow(Base):
    """A posting line that a ready store-day wants in Sage, in all."""

    __tablename__ = "wanted_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    store: Mapped[str] = mapped_column(Code, index=True)
    trading_day: Mapped[date] = mapped_column(index=True)
    role: Mapped[str] = mapped_column(String(16))
    nominal: Mapped[str] = mapped_column(String(8))
    department: Mapped[int]
    tax_code: Mapped[str] = mapped_column(String(3))
    account: Mapped[str] = mapped_column(String(8))
    detail: Mapped[str] = mapped_column(String(64))
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)


class BatchRow(Base):
    """A batch: a draft that a new run replaces, or delivered and never changed again."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    company: Mapped[str] = mapped_column(String(40))
    trading_day: Mapped[date] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16), server_default="takings")  # takings, stock
    state: Mapped[str] = mapped_column(String(16))  # draft, delivered
    environment: Mapped[str] = mapped_column(Code, default="", server_default=text("''"))  # empty: nobody said then
    digest: Mapped[str] = mapped_column(Digest)  # of its manifest
    rows: Mapped[int]
    gross_minor: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class BatchDayRow(Base):
    """A store-day in a batch; ``revision`` counts the batches of the store-day."""

    __tablename__ = "batch_days"

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    store: Mapped[str] = mapped_column(Code, primary_key=True)
    trading_day: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int]
    receipt_log: Mapped[str] = mapped_column(Digest, default="")  # as it was when this was staged


class StagedRow(Base):
    """A posting line of a batch: of delivered batches, what is in Sage because of us."""

    __tablename__ = "staged_lines"
    __table_args__ = (Index(None, "store", "trading_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), index=True)
    store: Mapped[str] = mapped_column(Code)
    trading_day: Mapped[date]
    role: Mapped[str] = mapped_column(String(16))
    nominal: Mapped[str] = mapped_column(String(8))
    department: Mapped[int]
    tax_code: Mapped[str] = mapped_column(String(3))
    account: Mapped[str] = mapped_column(String(8))
    detail: Mapped[str] = mapped_column(String(64))
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)


class StockDayRow(Base):
    """A store-day whose stock is known: what it was read from, and the counts that are too far from the book."""

    __tablename__ = "stock_days"

    store: Mapped[str] = mapped_column(Code, primary_key=True)
    trading_day: Mapped[date] = mapped_column(primary_key=True, index=True)
    company: Mapped[str] = mapped_column(String(40), index=True)
    checked_basis: Mapped[str] = mapped_column(Digest)  # the basis of the store-day when its stock was read
    settings: Mapped[str] = mapped_column(Digest)  # digest of the stock settings and the mapping it was read with
    alerts: Mapped[str] = mapped_column(default="[]")  # JSON of mismatches above the store's threshold
    is_staged: Mapped[bool]  # whether the newest draft, or what is delivered, is what is wanted


class StockBookRow(Base):
    """A SKU of a store on one trading day: what moved, what was counted, the book at the day's end."""

    __tablename__ = "stock_book"
    __table_args__ = (Index(None, "store", "trading_day"),)

    store: Mapped[str] = mapped_column(Code, primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    trading_day: Mapped[date] = mapped_column(primary_key=True)
    code: Mapped[str]  # Sage's stock code
    sold_milli: Mapped[int] = mapped_column(BigInteger)
    returned_milli: Mapped[int] = mapped_column(BigInteger)
    before_milli: Mapped[int] = mapped_column(BigInteger)
    counted_milli: Mapped[int | None] = mapped_column(BigInteger)
    expected_milli: Mapped[int | None] = mapped_column(BigInteger)
    adjusted_hundredths: Mapped[int] = mapped_column(BigInteger)
    book_milli: Mapped[int] = mapped_column(BigInteger)
    book_hundredths: Mapped[int] = mapped_column(BigInteger)
    is_counted: Mapped[bool]


class StagedStockRow(Base):
    """A stock line of a batch: of delivered batches, what Sage's stock has moved by because of us."""

    __tablename__ = "staged_stock"
    __table_args__ = (Index(None, "store", "trading_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), index=True)
    store: Mapped[str] = mapped_column(Code)
    trading_day: Mapped[date]
    code: Mapped[str]
    movement: Mapped[str] = mapped_column(String(16))
    moved_hundredths: Mapped[int] = mapped_column(BigInteger)


class HandedOverRow(Base):
    """A customer or product that a batch brings to Sage; given up again with a draft that is replaced."""

    __tablename__ = "handed_over"
    __table_args__ = (Index(None, "company", "kind", "code"),)

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)  # customer, product
    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    company: Mapped[str] = mapped_column(String(40))


class EventRow(Base):
    """A change of a store-day's state: when, from what to what, why, by whom or which run."""

    __tablename__ = "events"
    __table_args__ = (Index(None, "store", "trading_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    store: Mapped[str] = mapped_column(Code)
    trading_day: Mapped[date]
    was: Mapped[str] = mapped_column(String(16))
    now: Mapped[str] = mapped_column(String(16))
    why: Mapped[str]
    by: Mapped[str] = mapped_column(String(120))


class DecisionRow(Base):
    """What a person decided about a store-day; in force until it is withdrawn."""

    __tablename__ = "decisions"
    __table_args__ = (Index(None, "store", "trading_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    store: Mapped[str] = mapped_column(Code)
    trading_day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(16))
    check: Mapped[str]
    about: Mapped[str]  # JSON: what exactly the person saw
    why: Mapped[str]
    by: Mapped[str] = mapped_column(String(120))
    withdrawn: Mapped[str] = mapped_column(default="")  # why and by whom; empty while it is in force


class AnswerRow(Base):
    """What a person answered about a batch; of the answers about one digest the newest counts.

    It names the batch by its digest, and outlives a draft that is replaced.
    """

    __tablename__ = "answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    company: Mapped[str] = mapped_column(String(40))
    trading_day: Mapped[date]
    batch_id: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(Digest, index=True)  # of the manifest that was shown
    is_approval: Mapped[bool]
    why: Mapped[str]
    by: Mapped[str] = mapped_column(String(120))


class ToldRow(Base):
    """Something that a channel was told; it is not told again."""

    __tablename__ = "told"
    __table_args__ = (UniqueConstraint("company", "trading_day", "channel", "cause", "store", "about"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    company: Mapped[str] = mapped_column(String(40))
    trading_day: Mapped[date]
    channel: Mapped[str] = mapped_column(String(90))
    cause: Mapped[str] = mapped_column(String(16))
    store: Mapped[str] = mapped_column(Code)
    about: Mapped[str] = mapped_column(String(255))
