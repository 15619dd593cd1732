"""Who is told of what, and over which of Airflow's connections. Secrets live in the connection alone."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from storeday.config.strict import Strict
from storeday.model.alerts import Cause

ConnectionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$", max_length=254)]


class _Channel(Strict):
    channel: str
    connection: ConnectionId
    causes: tuple[Cause, ...] = tuple(Cause)

    @property
    def name(self) -> str:
        """By which the ledger knows what this channel was told."""
        return f"{self.channel} {self.connection}"


class MailAlerts(_Channel):
    """Alerts by mail, over an SMTP connection."""

    channel: Literal["mail"]
    to: tuple[Address, ...] = Field(min_length=1)
    sender: Address | None = None  # None: the connection's from_email

    @property
    def name(self) -> str:
        """As above; others over the same connection are told by themselves."""
        return f"{self.channel} {self.connection} {hashlib.sha256(' '.join(self.to).encode()).hexdigest()[:8]}"


class SlackAlerts(_Channel):
    """Alerts to a Slack channel, over an incoming webhook."""

    channel: Literal["slack"]


class WebhookAlerts(_Channel):
    """Alerts to any webhook, or whatever service Apprise has an address for."""

    channel: Literal["webhook"]


Channel = Annotated[MailAlerts | SlackAlerts | WebhookAlerts, Field(discriminator="channel")]
