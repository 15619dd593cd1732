"""The ledger's alerts: what which channel was told, so that retries and runs again do not repeat it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from storeday.ledger.rows import moment
from storeday.ledger.schema import ToldRow
from storeday.ledger.transactions import Transactions
from storeday.model.alerts import Alert

_ABOUT = 255


class Told(Transactions):
    """One row an alert and channel."""

    def not_told(self, channel: str, alerts: Iterable[Alert]) -> list[Alert]:
        """Those of the alerts that a channel was not told yet, in their order, each once."""
        alerts = list(dict.fromkeys(alerts))
        with Session(self.engine) as session:
            query = select(ToldRow).where(
                ToldRow.channel == channel,
                ToldRow.company.in_({alert.company for alert in alerts}),
                ToldRow.trading_day.in_({alert.trading_day for alert in alerts}),
            )
            known = {(r.company, r.trading_day, r.cause, r.store, r.about) for r in session.scalars(query)}
        return [alert for alert in alerts if _key(alert) not in known]

    def record_told(self, channel: str, alerts: Iterable[Alert]) -> None:
        """Write down that a channel was told."""
        with Session(self._writing) as session, session.begin():
            for alert in {_key(alert): alert for alert in alerts}.values():
                company, day, cause, store, about = _key(alert)
                session.add(
                    ToldRow(
                        at=moment(),
                        company=company,
                        trading_day=day,
                        channel=channel,
                        cause=cause,
                        store=store,
                        about=about,
                    )
                )


def _key(alert: Alert) -> tuple[str, object, str, str, str]:
    return alert.company, alert.trading_day, alert.cause, alert.store, alert.about[:_ABOUT]
