"""The ledger's mappings: every version that a company's store-days were posted under, who accepted it, and why."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from storeday.ledger.facts import BatchKind
from storeday.ledger.mappings_schema import MappingRow
from storeday.ledger.rows import moment
from storeday.ledger.schema import BatchDayRow, BatchRow, StoreDayRow
from storeday.ledger.transactions import Transactions
from storeday.model.errors import StoredayError
from storeday.model.mapping_log import Effect, MappingVersion, Moved
from storeday.model.postings import Role
from storeday.model.store_day import State


class MappingOutdated(StoredayError):
    """Somebody else recorded another version of the mapping meanwhile: look again."""


class Mappings(Transactions):
    """One row a version of a company's mapping."""

    def mapping_versions(self, company: str = "") -> list[MappingVersion]:
        """The versions of a company, or of all companies, oldest first."""
        with Session(self.engine) as session:
            query = select(MappingRow).order_by(MappingRow.company, MappingRow.number)
            rows = session.scalars(query.where(MappingRow.company == company) if company else query)
            return [_version(row) for row in rows]

    def accepted_mapping(self, company: str) -> MappingVersion | None:
        """The version that counts, or None where no store-day was checked yet."""
        with Session(self.engine) as session:
            row = self._newest_mapping(session, company)
            return _version(row) if row else None

    def mapping_changes(self, first: date, last: date, company: str = "") -> list[MappingVersion]:
        """The changes that were accepted on some days, both included (UTC), with their effect in money, oldest first.

        A company's first version changed nothing and is not among them.
        """
        begins, ends = datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time())
        return [
            version
            for version in self.mapping_versions(company)
            if not version.is_first and begins <= version.at < ends
        ]

    def record_mapping(self, version: MappingVersion) -> MappingVersion:
        """Write a version down, as of now. Raises: MappingOutdated where the one before it is not the newest."""
        with Session(self._writing) as session, session.begin():
            self._alone(session, version.company, "mapping")
            newest = self._newest_mapping(session, version.company)
            if version.number != (newest.number if newest else 0) + 1:
                raise MappingOutdated(f"{version.company}: another version of the mapping was recorded meanwhile")
            version = replace(version, at=moment())
            session.add(
                MappingRow(
                    company=version.company,
                    number=version.number,
                    digest=version.digest,
                    blocks=version.blocks,
                    at=version.at,
                    by=version.by,
                    why=version.why,
                    words=json.dumps(version.words),
                    alters_past=version.alters_past,
                    effect=json.dumps(asdict(version.effect), default=str) if version.effect else "",
                )
            )
            return version

    def posted_days(self, company: str) -> tuple[date, date] | None:
        """The first and the last trading day of which something is ready, staged or in Sage; None where nothing is."""
        states = [State.READY, State.STAGED, State.DELIVERED, State.CONFIRMED]
        ready = select(StoreDayRow.trading_day).where(StoreDayRow.company == company, StoreDayRow.state.in_(states))
        delivered = (
            select(BatchDayRow.trading_day)
            .join(BatchRow, BatchRow.id == BatchDayRow.batch_id)
            .where(BatchRow.company == company, BatchRow.state == "delivered", BatchRow.kind == BatchKind.TAKINGS)
        )
        with Session(self.engine) as session:
            days = union_all(ready, delivered).subquery()
            first, last = session.execute(select(func.min(days.c[0]), func.max(days.c[0]))).one()
            return (first, last) if first else None

    def _newest_mapping(self, session: Session, company: str) -> MappingRow | None:
        query = select(MappingRow).where(MappingRow.company == company).order_by(MappingRow.number.desc()).limit(1)
        return session.scalars(query).first()


def _version(row: MappingRow) -> MappingVersion:
    return MappingVersion(
        company=row.company,
        number=row.number,
        digest=row.digest,
        blocks=row.blocks,
        at=row.at,
        by=row.by,
        why=row.why,
        words=tuple(json.loads(row.words)),
        alters_past=row.alters_past,
        effect=_effect(row.effect) if row.effect else None,
    )


def _effect(text: str) -> Effect:
    said = json.loads(text)
    first, last = date.fromisoformat(said.pop("first")), date.fromisoformat(said.pop("last"))
    moves = tuple(Moved(Role(role), *rest) for role, *rest in said.pop("moves"))
    return Effect(first=first, last=last, moves=moves, **said)
