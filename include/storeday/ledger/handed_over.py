"""The ledger's records: which customers and products were brought to Sage, so that none is brought twice.

Sage changes a record that it has when one of its code is imported, and a blank might clear what somebody typed there.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from storeday.ledger.schema import BatchRow, HandedOverRow
from storeday.ledger.transactions import Transactions, counts_in
from storeday.model.records import RecordKey, RecordKind


class HandedOver(Transactions):
    """One row a record of a batch; those of delivered batches are in Sage because of us."""

    def handed_over(self, company: str, environment: str = "") -> frozenset[RecordKey]:
        """The records that delivered batches brought to a company, in one environment where it is named."""
        query = (
            select(HandedOverRow)
            .join(BatchRow, BatchRow.id == HandedOverRow.batch_id)
            .where(HandedOverRow.company == company, BatchRow.state == "delivered", counts_in(environment))
        )
        with Session(self.engine) as session:
            return frozenset(RecordKey(RecordKind(row.kind), row.code) for row in session.scalars(query))

    def brought_meanwhile(self, batch: str) -> tuple[RecordKey, ...]:
        """The records of a draft that another batch has delivered since it was staged."""
        with Session(self.engine) as session:
            return self._brought_meanwhile(session, batch)

    def _brought_meanwhile(self, session: Session, batch: str) -> tuple[RecordKey, ...]:
        other = aliased(HandedOverRow)
        environment = session.scalar(select(BatchRow.environment).where(BatchRow.id == batch)) or ""
        query = (
            select(HandedOverRow)
            .join(
                other,
                (other.company == HandedOverRow.company)
                & (other.kind == HandedOverRow.kind)
                & (other.code == HandedOverRow.code)
                & (other.batch_id != HandedOverRow.batch_id),
            )
            .join(BatchRow, BatchRow.id == other.batch_id)
            .where(HandedOverRow.batch_id == batch, BatchRow.state == "delivered", counts_in(environment))
            .order_by(HandedOverRow.kind, HandedOverRow.code)
        )
        return tuple(RecordKey(RecordKind(row.kind), row.code) for row in session.scalars(query))

    def _records_of(self, session: Session, batch: str) -> tuple[RecordKey, ...]:
        query = select(HandedOverRow).where(HandedOverRow.batch_id == batch)
        rows = session.scalars(query.order_by(HandedOverRow.kind, HandedOverRow.code))
        return tuple(RecordKey(RecordKind(row.kind), row.code) for row in rows)
