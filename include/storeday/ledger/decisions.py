"""The ledger's decisions: what a person accepted, released or took back, each with its reason and name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from storeday.ledger.facts import StoreDayFact, VerdictFact
from storeday.ledger.rows import decided, moment
from storeday.ledger.schema import DecisionRow, StoreDayRow
from storeday.ledger.store_days import StoreDays
from storeday.model.decisions import Decided, Decision, Kind
from storeday.model.errors import StoredayError
from storeday.model.store_day import Hold, State


class NotInForce(StoredayError):
    """A decision that is not there, or no longer counts."""


class Decisions(StoreDays):
    """One row a decision. Each is an event of its store-day as well, though the state stays."""

    def decisions(self, store: str, day: date) -> list[Decided]:
        """All decisions about a store-day, withdrawn ones too, oldest first."""
        with Session(self.engine) as session:
            rows = session.scalars(
                select(DecisionRow)
                .where(DecisionRow.store == store, DecisionRow.trading_day == day)
                .order_by(DecisionRow.id)
            )
            return [decided(row) for row in rows]

    def in_force(self, store: str, day: date) -> list[Decided]:
        """The decisions about a store-day that count."""
        return self.in_force_of_days([store], day)[store]

    def in_force_of_days(self, stores: Sequence[str], day: date) -> dict[str, list[Decided]]:
        """The same of several stores, each of which is in the answer."""
        query = select(DecisionRow).where(DecisionRow.store.in_(stores), DecisionRow.trading_day == day)
        found: dict[str, list[Decided]] = {store: [] for store in stores}
        with Session(self.engine) as session:
            for row in session.scalars(query.where(DecisionRow.withdrawn == "").order_by(DecisionRow.id)):
                found[row.store].append(decided(row))
        return found

    def decide(self, store: str, day: date, decisions: list[Decision]) -> None:
        """Write decisions down; one that is in force already is left as it is."""
        with Session(self._writing) as session, session.begin():
            self._alone(session, store)
            for decision in decisions:
                self._decide(session, store, day, decision)

    def roll_back(self, fact: StoreDayFact, hold: Hold, decision: Decision) -> None:
        """From here on nothing is wanted of the store-day, and no verdict changes that until it is released."""
        with Session(self._writing) as session, session.begin():
            self._alone(session, fact.store)
            self._decide(session, fact.store, fact.trading_day, decision)
            fact = replace(fact, state=State.ROLLED_BACK)
            self._write_verdicts(session, [VerdictFact(fact, (hold,), {}, decision.why)], decision.by)

    def withdraw(self, decision: Decided, why: str, by: str) -> None:
        """Let a decision count no longer; a store-day that was rolled back is to be checked again.

        Raises: NotInForce where somebody else was faster.
        """
        store, day = decision.store, decision.trading_day
        with Session(self._writing) as session, session.begin():
            self._alone(session, store)
            row = session.get(DecisionRow, decision.number)
            if row is None or row.withdrawn:
                raise NotInForce(f"{store} {day.isoformat()}: decision {decision.number} is not in force")
            row.withdrawn = f"{why} (by {by})"
            state = self._state(session, store, day)
            said = f"{row.kind} of {row.by} withdrawn: {why}"
            if row.kind == Kind.ROLLBACK and state is State.ROLLED_BACK:
                company = session.get_one(StoreDayRow, (store, day)).company
                self._move(session, store, day, company, State.RECEIVED, said, by)
            else:
                self._tell(session, store, day, state, state, said, by)

    def _decide(self, session: Session, store: str, day: date, decision: Decision) -> None:
        about = json.dumps(decision.about)
        same = session.scalars(
            select(DecisionRow).where(
                DecisionRow.store == store,
                DecisionRow.trading_day == day,
                DecisionRow.kind == decision.kind,
                DecisionRow.check == decision.check,
                DecisionRow.about == about,
                DecisionRow.withdrawn == "",
            )
        ).first()
        if same is not None:
            return
        session.add(
            DecisionRow(
                at=moment(),
                store=store,
                trading_day=day,
                kind=decision.kind,
                check=decision.check,
                about=about,
                why=decision.why,
                by=decision.by,
            )
        )
        state = self._state(session, store, day)
        said = ": ".join(part for part in (str(decision.kind), decision.check, decision.why) if part)
        self._tell(session, store, day, state, state, said, decision.by)
