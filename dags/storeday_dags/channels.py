"""Sending one message over one of Airflow's connections, by Airflow's own notifiers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storeday.stages.alerts import Message


class NotSent(Exception):
    """A channel did not take a message."""


def send(message: Message) -> None:
    """Send a message; whatever a channel raises comes through.

    The notifiers' own templates are left alone: a message is text, not Jinja.
    """
    match message.channel.channel:
        case "mail":
            _mail(message)
        case "slack":
            _slack(message)
        case _:
            _webhook(message)


def _mail(message: Message) -> None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier
    from storeday.config.alerts import MailAlerts

    channel = message.channel
    assert isinstance(channel, MailAlerts)  # noqa: S101 by its kind
    SmtpNotifier(
        to=list(channel.to),
        from_email=channel.sender,
        subject=message.title,
        html_content=f"<pre>{escape(message.text)}</pre>",
        smtp_conn_id=channel.connection,
    ).notify({})


def _slack(message: Message) -> None:
    from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier

    text = escape(f"{message.title}\n{message.text}", quote=False)
    SlackWebhookNotifier(
        slack_webhook_conn_id=message.channel.connection, text=text, unfurl_links=False, timeout=30
    ).notify({})  # type: ignore[no-untyped-call]


def _webhook(message: Message) -> None:
    """By the hook of AppriseNotifier rather than by itself, since that one keeps quiet about what was not sent."""
    from airflow.providers.apprise.hooks.apprise import AppriseHook
    from apprise import Apprise

    hook, services = AppriseHook(message.channel.connection), Apprise()
    hook.set_config_from_conn(hook.get_connection(message.channel.connection), services)
    if not services.notify(body=message.text, title=message.title, tag="all"):
        raise NotSent(f"Apprise could not send over {message.channel.connection}")
