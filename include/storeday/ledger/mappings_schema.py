"""The ledger's table of companies' mappings, as schema.py has the others."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storeday.ledger.schema import Base, Digest


class MappingRow(Base):
    """One version of a company's mapping that was accepted; the newest counts."""

    __tablename__ = "mapping_versions"
    __table_args__ = (UniqueConstraint("company", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]  # counts from 1 in each company
    digest: Mapped[str] = mapped_column(Digest)  # of what the blocks say
    blocks: Mapped[str]  # JSON: the dated blocks
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))
    why: Mapped[str]
    words: Mapped[str]  # JSON: what it changed, a line a code
    alters_past: Mapped[bool]
    effect: Mapped[str] = mapped_column(default="")  # JSON: what it would have moved; empty where nothing was there
