"""The ledger's acceptances: which report of which period was signed off for production, and for which settings."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from storeday.ledger.acceptances_schema import AcceptanceRow
from storeday.ledger.rows import moment
from storeday.ledger.transactions import Transactions
from storeday.model.acceptance import Acceptance, changed, covers
from storeday.model.errors import StoredayError


class NotSignedOff(StoredayError):
    """A company in production whose settings nobody signed off. Its batch stays a draft."""


class Acceptances(Transactions):
    """One row a report, by company and digest; the same report again is the same row."""

    def record_acceptance(self, made: Acceptance) -> Acceptance:
        """Keep a report. Returns it as it is known, with its signature where it had one already."""
        with Session(self._writing) as session, session.begin():
            self._alone(session, made.company, "acceptance")
            row = self._acceptance(session, made.company, made.digest)
            if row is None:
                row = AcceptanceRow(
                    company=made.company,
                    first_day=made.first,
                    last_day=made.last,
                    digest=made.digest,
                    covers=covers(made.covered),
                    covered=made.covered,
                    open=json.dumps(made.open),
                    signed_at=None,
                )
                session.add(row)
            row.at = moment()
            session.flush()
            return _fact(row)

    def acceptances(self, company: str) -> list[Acceptance]:
        """The reports of a company, the one that was made last first."""
        query = select(AcceptanceRow).where(AcceptanceRow.company == company)
        with Session(self.engine) as session:
            rows = session.scalars(query.order_by(AcceptanceRow.at.desc(), AcceptanceRow.id.desc()))
            return [_fact(row) for row in rows]

    def sign_off(self, company: str, digest: str, why: str, by: str) -> Acceptance:
        """Sign a report; one that is signed keeps its first signature.

        Raises: NotSignedOff where there is no such report, or something in it is to be put right.
        """
        with Session(self._writing) as session, session.begin():
            self._alone(session, company, "acceptance")
            row = self._acceptance(session, company, digest)
            if row is None:
                raise NotSignedOff(f"{company} has no acceptance report {digest[:12]}")
            if left := json.loads(row.open):
                raise NotSignedOff(f"{company}: the report {digest[:12]} can't be signed off:\n  " + "\n  ".join(left))
            if row.signed_at is None:
                row.signed_by, row.signed_why, row.signed_at = by, why, moment()
                session.flush()
            return _fact(row)

    def sign_off_of(self, company: str, covered: str) -> Acceptance | None:
        """The newest signed report that holds for these settings, or None."""
        with Session(self.engine) as session:
            row = self._signed(session, company, covered)
            return _fact(row) if row else None

    def hold_to_sign_off(self, company: str, covered: str) -> None:
        """Raises: NotSignedOff where no signed report holds for these settings, with what to do."""
        with Session(self.engine) as session:
            self._hold_to_sign_off(session, company, covered)

    def _hold_to_sign_off(self, session: Session, company: str, covered: str) -> None:
        if self._signed(session, company, covered) is not None:
            return
        query = select(AcceptanceRow).where(AcceptanceRow.company == company, AcceptanceRow.signed_at.is_not(None))
        last = session.scalars(query.order_by(AcceptanceRow.signed_at.desc()).limit(1)).first()
        why = "no acceptance report is signed off"
        if last is not None:
            news = "; ".join(changed(last.covered, covered)[:5])
            why = f"what {last.signed_by} signed off ({last.digest[:12]}) does not hold any more: {news}"
        raise NotSignedOff(
            f"{company} is in production, and {why}; nothing was delivered. "
            f"Take a period through the stand-in Sage: storeday uat run --company {company} --from DAY --to DAY. "
            f"Then sign its report: storeday uat sign --company {company} --by NAME --why REASON"
        )

    def _signed(self, session: Session, company: str, covered: str) -> AcceptanceRow | None:
        query = select(AcceptanceRow).where(
            AcceptanceRow.company == company,
            AcceptanceRow.covers == covers(covered),
            AcceptanceRow.signed_at.is_not(None),
        )
        return session.scalars(query.order_by(AcceptanceRow.signed_at.desc()).limit(1)).first()

    def _acceptance(self, session: Session, company: str, digest: str) -> AcceptanceRow | None:
        query = select(AcceptanceRow).where(AcceptanceRow.company == company, AcceptanceRow.digest == digest)
        return session.scalars(query).one_or_none()


def _fact(row: AcceptanceRow) -> Acceptance:
    return Acceptance(
        company=row.company,
        first=row.first_day,
        last=row.last_day,
        digest=row.digest,
        covered=row.covered,
        open=tuple(json.loads(row.open)),
        signed_by=row.signed_by,
        signed_why=row.signed_why,
        signed_at=row.signed_at,
    )
