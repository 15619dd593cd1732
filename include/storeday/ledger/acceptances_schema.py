"""The ledger's table of acceptances, as schema.py has the others."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storeday.ledger.schema import Base, Digest


class AcceptanceRow(Base):
    """A report of a period that went through the stand-in Sage, and who signed it off for production."""

    __tablename__ = "acceptances"
    __table_args__ = (UniqueConstraint("company", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    company: Mapped[str] = mapped_column(String(40))
    first_day: Mapped[date]
    last_day: Mapped[date]
    digest: Mapped[str] = mapped_column(Digest)  # of the report
    covers: Mapped[str] = mapped_column(Digest)  # digest of the settings that the report holds for
    covered: Mapped[str]  # those settings, as JSON
    open: Mapped[str]  # JSON: why it can't be signed, in words; empty where it can
    signed_by: Mapped[str] = mapped_column(String(120), default="")
    signed_why: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime | None]
