"""The ledger's answers: who approved or rejected which batch, by its digest."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from storeday.ledger.rows import moment
from storeday.ledger.schema import AnswerRow, BatchDayRow, BatchRow
from storeday.ledger.transactions import Transactions
from storeday.model.answers import Answer
from storeday.model.errors import StoredayError


class AnswerOutdated(StoredayError):
    """What a person read is no longer what is staged. Nothing was written down: read it again."""


class NotApproved(StoredayError):
    """A batch that a person is to approve is not approved as it is now. It stays a draft."""


class Answers(Transactions):
    """One row an answer. Each is an event of every store-day in the batch as well, though their state stays."""

    def answer(self, said: Answer) -> Answer:
        """Write an answer down; one that counts already is left as it is. Returns the one that counts.

        Raises: AnswerOutdated where the draft of that id and digest is not there any more.
        """
        with Session(self._writing) as session, session.begin():
            self._alone(session, said.company, said.trading_day)
            row, known = session.get(BatchRow, said.batch), self._newest_answer(session, said.digest)
            if known is not None and known.is_approval and said.is_approval:
                return known
            if row is None or row.state != "draft" or row.digest != said.digest:
                now = (
                    "is delivered"
                    if row is not None and row.state == "delivered"
                    else "changed, or gave way to another"
                )
                raise AnswerOutdated(
                    f"{said.company} {said.trading_day.isoformat()}: batch {said.batch} ({said.digest[:12]}) {now} "
                    f"since it was read; nothing was {'approved' if said.is_approval else 'rejected'}"
                )
            if known is not None and (known.is_approval, known.why, known.by) == (said.is_approval, said.why, said.by):
                return known
            session.add(
                AnswerRow(
                    at=moment(),
                    company=said.company,
                    trading_day=said.trading_day,
                    batch_id=said.batch,
                    digest=said.digest,
                    is_approval=said.is_approval,
                    why=said.why,
                    by=said.by,
                )
            )
            for day in session.scalars(select(BatchDayRow).where(BatchDayRow.batch_id == said.batch)).all():
                self._alone(session, day.store)
                state = self._state(session, day.store, day.trading_day)
                self._tell(session, day.store, day.trading_day, state, state, said.words, said.by)
            return said

    def newest_answer(self, digest: str) -> Answer | None:
        """The answer that counts about the batch of a digest, or None where nobody answered."""
        with Session(self.engine) as session:
            return self._newest_answer(session, digest)

    def _newest_answer(self, session: Session, digest: str) -> Answer | None:
        query = select(AnswerRow).where(AnswerRow.digest == digest).order_by(AnswerRow.id.desc()).limit(1)
        row = session.scalars(query).first()
        if row is None:
            return None
        return Answer(
            company=row.company,
            trading_day=row.trading_day,
            batch=row.batch_id,
            digest=row.digest,
            is_approval=row.is_approval,
            why=row.why,
            by=row.by,
            at=row.at,
        )

    def _hold_to_approval(self, session: Session, batch: str, digest: str) -> None:
        """Raises: NotApproved, with what there is instead of an approval."""
        said = self._newest_answer(session, digest)
        if said is None:
            raise NotApproved(f"batch {batch} ({digest[:12]}) waits for approval; nothing was delivered")
        if not said.is_approval:
            raise NotApproved(f"{said.words}; nothing was delivered")
