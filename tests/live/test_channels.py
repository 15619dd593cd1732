"""Alerts over Airflow's own notifiers, to a real mail server and a real HTTP endpoint on this machine."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailBox
from servers import http_endpoint
from shops import COMPANY, OpenShop, Shop
from storeday.demo.processes import free_ports
from storeday.model.alerts import Alert, Cause
from tills import DAY

MISSING = Alert(Cause.MISSING, "corner-shops", DAY, "S01", "no file came")
HELD = Alert(Cause.HELD, "corner-shops", DAY, "S01", "held: tenders <do not> sum; 1 receipts, takings 15.60")
CHANNELS = """\
alerts:
  - {channel: mail, connection: mail_server, to: [books@example.com], sender: storeday@example.com}
  - {channel: slack, connection: ops_slack, causes: [held]}
  - {channel: webhook, connection: ops_hook, causes: [held]}
"""


class Letters(MailBox):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[Any] = []

    def prepare_message(self, _: Any, envelope: Any) -> Any:
        return message_from_bytes(envelope.content, policy=policy.default)

    def handle_message(self, message: Any) -> None:
        self.came.append(message)


@pytest.fixture
def mail() -> Iterator[tuple[Letters, int]]:
    letters, [port] = Letters(), free_ports(1)
    server = Controller(letters, hostname="127.0.0.1", port=port)
    server.start()
    yield letters, port
    server.stop()


@pytest.fixture
def posts() -> Iterator[tuple[list[tuple[str, Any]], int]]:
    """What was posted to an endpoint, path and JSON, and its port."""
    with http_endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def shop(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.com")
    return open_shop("S01", company=COMPANY + CHANNELS)


def connect(monkeypatch: pytest.MonkeyPatch, *, mail_port: int, web_port: int, path: str = "") -> None:
    """The connections that the settings name: to the servers of these ports."""
    said: dict[str, dict[str, Any]] = {
        "MAIL_SERVER": {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": mail_port,
            "extra": {"disable_ssl": True, "disable_tls": True, "retry_limit": 1, "timeout": 10},
        },
        "OPS_SLACK": {
            "conn_type": "slackwebhook",
            "schema": "http",
            "host": f"127.0.0.1:{web_port}",
            "password": f"services{path}",
        },
        "OPS_HOOK": {"conn_type": "apprise", "extra": {"config": {"path": f"json://127.0.0.1:{web_port}/hook{path}"}}},
    }
    for name, connection in said.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))


def test_one_message_a_cause_goes_over_each_channel_that_asked_for_it_and_never_twice(
    shop: Shop,
    mail: tuple[Letters, int],
    posts: tuple[list[tuple[str, Any]], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from storeday_dags import alert_people

    (letters, mail_port), (came, web_port) = mail, posts
    connect(monkeypatch, mail_port=mail_port, web_port=web_port)

    alert_people(shop.work, [HELD, MISSING])
    alert_people(shop.work, [HELD, MISSING])

    assert sorted(letter["subject"] for letter in letters.came) == [
        "Corner Shops Ltd Sun 22 Nov 2026 held: 1 store",
        "Corner Shops Ltd Sun 22 Nov 2026 missing: 1 store",
    ]
    [held] = [letter for letter in letters.came if "held" in letter["subject"]]
    assert (held["from"], held["to"]) == ("storeday@example.com", "books@example.com")
    body = held.get_body(("html",)).get_content()
    assert "S01 Shop S01: held: tenders &lt;do not&gt; sum; 1 receipts, takings 15.60" in body
    assert "https://airflow.example.com/storeday/day/S01/2026-11-22" in body
    [(slack_path, slack), (hook_path, hook)] = came
    assert (slack_path, hook_path) == ("/services", "/hook")
    assert slack["text"].splitlines()[:2] == [
        "Corner Shops Ltd Sun 22 Nov 2026 held: 1 store",
        "S01 Shop S01: held: tenders &lt;do not&gt; sum; 1 receipts, takings 15.60",
    ]
    assert hook["title"] == "Corner Shops Ltd Sun 22 Nov 2026 held: 1 store"
    assert "takings 15.60" in hook["message"]


@pytest.mark.parametrize("how", ["refused", "full"])
def test_a_channel_that_does_not_answer_fails_nothing_and_is_tried_by_the_next_run(
    shop: Shop,
    mail: tuple[Letters, int],
    posts: tuple[list[tuple[str, Any]], int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    from storeday_dags import alert_people

    (letters, mail_port), (came, web_port) = mail, posts
    [nobody] = free_ports(1)
    connect(
        monkeypatch,
        mail_port=nobody,
        web_port=nobody if how == "refused" else web_port,
        path="/full" if how == "full" else "",
    )

    with caplog.at_level(logging.ERROR, "storeday_dags.telling"):
        alert_people(shop.work, [HELD])
    nothing = (list(letters.came), list(came))
    connect(monkeypatch, mail_port=mail_port, web_port=web_port)
    alert_people(shop.work, [HELD])

    assert nothing == ([], [])
    said = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert [line.partition(",")[0] for line in said] == [
        "not sent over mail mail_server",
        "not sent over slack ops_slack",
        "not sent over webhook ops_hook",
    ]
    assert (len(letters.came), len(came)) == (1, 2)


def test_a_connection_that_nobody_made_fails_nothing_and_keeps_no_other_channel(
    shop: Shop,
    mail: tuple[Letters, int],
    posts: tuple[list[tuple[str, Any]], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from storeday_dags import alert_people

    (letters, mail_port), (came, web_port) = mail, posts
    connect(monkeypatch, mail_port=mail_port, web_port=web_port)
    monkeypatch.delenv("AIRFLOW_CONN_MAIL_SERVER")

    alert_people(shop.work, [HELD])

    assert (letters.came, len(came)) == ([], 2)
