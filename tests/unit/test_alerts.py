"""Alerts: who is told what, in which words, how often; and what no message may carry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from shops import COMPANY, OpenShop, Shop
from storeday.config.load import load_settings
from storeday.model.alerts import Alert, Cause
from storeday.model.errors import SettingsError
from storeday.stages.alerts import (
    LISTED,
    Message,
    alerts_of_day,
    digests,
    failed,
    late,
    messages,
    stock_counts,
    stuck_files,
)
from tills import DAY, Line, Till, sale, z

MAIL = "alerts:\n  - {channel: mail, connection: mail_server, to: [books@example.com]}\n"
TOLD = COMPANY + MAIL


def no_page(_: Alert) -> str:
    return ""


def told(shop: Shop, alerts: Iterable[Alert]) -> list[Message]:
    """What is still to be told to all channels."""
    return messages(shop.work, shop.work.settings.companies[0], alerts, no_page)


def texts(shop: Shop, alerts: Iterable[Alert]) -> list[str]:
    return [f"{message.title}\n{message.text}" for message in told(shop, alerts)]


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """S01 is held by a gap, nothing came of S02, S03 is delivered."""
    opened = open_shop("S01", "S02", "S03", company=TOLD)
    till = Till("S01")
    opened.send(till.slice("09:00", sale("12.60")))
    opened.send(till.skip().slice("10:00", sale("3.00"), z()))
    opened.send(Till("S03").slice("09:00", sale("1,000.00".replace(",", "")), z()))
    opened.run()
    return opened


# What is told


def test_a_held_and_a_missing_store_day_are_told_with_reason_and_money(shop: Shop) -> None:
    alerts = alerts_of_day(shop.work, DAY)

    said = texts(shop, alerts)

    assert said == [
        "Corner Shops Ltd Sun 22 Nov 2026 held: 1 store\n"
        "S01 Shop S01: held: receipt numbers are missing: 1 of 1 tills; 2 receipts, takings 15.60",
        "Corner Shops Ltd Sun 22 Nov 2026 missing: 1 store\nS02 Shop S02: no file came",
    ]


def test_a_day_in_which_all_is_well_tells_nothing_but_its_digest(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=TOLD)
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()

    alerts = [*alerts_of_day(shop.work, DAY), *late(shop.work, DAY), *digests(shop.work, DAY)]

    assert texts(shop, alerts) == [
        "Corner Shops Ltd Sun 22 Nov 2026 the day so far\n1 of 1 store-days staged, takings 12.60\n"
        "S01 Shop S01: delivered; 1 receipt, takings 12.60"
    ]


def test_the_digest_counts_what_is_staged_and_says_how_each_store_stands(shop: Shop) -> None:
    [digest] = digests(shop.work, DAY)

    lines = digest.reason.splitlines()

    assert lines[0] == "1 of 3 store-days staged, takings 1,000.00"
    assert lines[2:] == ["S02 Shop S02: no file came", "S03 Shop S03: delivered; 1 receipt, takings 1,000.00"]


def test_at_the_deadline_what_is_not_delivered_is_told(shop: Shop) -> None:
    alerts = late(shop.work, DAY)

    [text] = texts(shop, alerts)

    assert text.splitlines()[0] == "Corner Shops Ltd Sun 22 Nov 2026 not delivered by the deadline: 2 stores"
    assert [alert.store for alert in alerts] == ["S01", "S02"]


def test_a_company_that_delivers_by_hand_is_late_with_nothing(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=TOLD.replace("automatic", "manual"))

    alerts = late(shop.work, DAY)

    assert alerts == []


def test_a_batch_that_waits_for_a_person_is_told_and_another_batch_of_the_day_again(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=TOLD + "approval: required\n")
    till = Till("S01")
    shop.send(till.slice("09:00", sale("12.60"), z()))
    shop.run()
    first = told(shop, alerts_of_day(shop.work, DAY))
    shop.work.ledger.record_told(first[0].channel.name, first[0].alerts)
    shop.send(till.slice("10:00", sale("4.00"), z()))
    shop.run()

    second = told(shop, alerts_of_day(shop.work, DAY))

    assert [message.title for message in first + second] == ["Corner Shops Ltd Sun 22 Nov 2026 waits for approval"] * 2
    assert "sales 12.60, waits because Corner Shops Ltd wants every batch approved" in first[0].text
    assert "sales 16.60, waits" in second[0].text


def test_files_about_to_vanish_from_a_server_are_told_by_their_own_day(open_shop: OpenShop) -> None:
    shop = open_shop(S01="retention_days: 3", company=TOLD.replace("2026-01-01", "2026-11-21"))

    alerts = [alert for alert in alerts_of_day(shop.work, DAY) if alert.cause is Cause.VANISHING]

    assert [(alert.trading_day, alert.reason) for alert in alerts] == [
        (DAY - timedelta(days=1), "expected; its server keeps the files until 24 Nov 2026")
    ]


def test_a_file_without_its_marker_is_told_once_a_day(shop: Shop) -> None:
    alerts = stuck_files(shop.work, "S01", ["S01_20261122T0900.csv"], DAY)
    [message] = told(shop, alerts)
    shop.work.ledger.record_told(message.channel.name, message.alerts)

    again = told(shop, alerts)
    tomorrow = told(shop, stuck_files(shop.work, "S01", ["S01_20261122T0900.csv"], DAY + timedelta(days=1)))

    assert message.text == "S01 Shop S01: S01_20261122T0900.csv is without its marker for too long, so it is not taken"
    assert (again, len(tomorrow)) == ([], 1)


def test_stock_counted_differently_is_told_a_store_and_day(shop: Shop) -> None:
    alerts = stock_counts(shop.work, [("S01", DAY), ("S01", DAY), ("S02", DAY)])

    [text] = texts(shop, alerts)

    assert text.splitlines() == [
        "Corner Shops Ltd Sun 22 Nov 2026 stock counted differently: 2 stores",
        "S01 Shop S01: 2 counts further from the book than the threshold",
        "S02 Shop S02: 1 count further from the book than the threshold",
    ]


@pytest.mark.parametrize(("of", "store"), [("S01", "S01"), ("corner-shops", ""), ("S01 to S50", ""), ("", "")])
def test_a_failed_task_is_told_by_its_store_or_to_its_company(shop: Shop, of: str, store: str) -> None:
    alerts = failed(shop.work, "close_store_days.stage", of, "OperationalError", DAY)

    assert [(alert.company, alert.store) for alert in alerts] == [("corner-shops", store)]
    assert alerts[0].reason == "task close_store_days.stage failed (OperationalError); its log says why"


# Once


def test_a_message_is_sent_once_whatever_runs_again(shop: Shop) -> None:
    first = told(shop, alerts_of_day(shop.work, DAY))
    for message in first:
        shop.work.ledger.record_told(message.channel.name, message.alerts)
    shop.run()

    again = told(shop, alerts_of_day(shop.work, DAY))

    assert (len(first), again) == (2, [])


def test_what_was_not_sent_is_still_to_be_told(shop: Shop) -> None:
    held, _ = told(shop, alerts_of_day(shop.work, DAY))
    shop.work.ledger.record_told(held.channel.name, held.alerts)

    [left] = told(shop, alerts_of_day(shop.work, DAY))

    assert left.title.endswith("missing: 1 store")


def test_a_store_that_is_held_later_the_same_day_is_told_by_itself(shop: Shop) -> None:
    for message in told(shop, alerts_of_day(shop.work, DAY)):
        shop.work.ledger.record_told(message.channel.name, message.alerts)
    till = Till("S02")
    shop.send(till.slice("09:00", sale("5.00")))
    shop.run()

    [message] = told(shop, alerts_of_day(shop.work, DAY))

    assert message.title == "Corner Shops Ltd Sun 22 Nov 2026 held: 1 store"
    assert message.text.startswith("S02 Shop S02: held: ")


def test_two_channels_are_told_each_for_itself_and_of_what_each_asked_for(open_shop: OpenShop) -> None:
    slack = "  - {channel: slack, connection: ops, causes: [missing]}\n"
    other = "  - {channel: mail, connection: mail_server, to: [boss@example.com]}\n"
    shop = open_shop("S01", company=TOLD + slack + other)
    alerts = alerts_of_day(shop.work, DAY)
    for message in told(shop, alerts):
        if message.channel.channel == "mail":
            shop.work.ledger.record_told(message.channel.name, message.alerts)
            break

    left = told(shop, [*alerts, *digests(shop.work, DAY)])

    assert [(m.channel.channel, m.alerts[0].cause) for m in left] == [
        ("mail", "digest"),
        ("slack", "missing"),
        ("mail", "digest"),
        ("mail", "missing"),
    ]


# What a message may carry


def test_no_message_carries_a_receipt_a_customer_or_a_value_of_a_checks_example(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=TOLD)
    secret = sale(Line("12.60", sku="99999", description="Mrs Miller's pills"), customer="C001", tender="ACCOUNT")
    shop.send(Till("S01").slice("09:00", secret, sale("3.00", tender="CRYPTO"), z()))
    shop.run()

    said = "\n".join(texts(shop, [*alerts_of_day(shop.work, DAY), *digests(shop.work, DAY), *late(shop.work, DAY)]))

    assert "held: " in said
    for value in ("99999", "Miller", "C001", "CAFE001", "CRYPTO", "000001", ".csv"):
        assert value not in said


def test_a_long_list_is_cut_and_the_rest_counted(shop: Shop) -> None:
    many = [Alert(Cause.MISSING, "corner-shops", DAY, f"S{n:03d}", "no file came") for n in range(LISTED + 25)]

    [message] = told(shop, many)

    assert message.text.splitlines()[-1] == "and 25 more"
    assert len(message.alerts) == LISTED + 25


def test_a_link_stands_below_what_it_shows(shop: Shop) -> None:
    alerts = alerts_of_day(shop.work, DAY)

    found = messages(
        shop.work, shop.work.settings.companies[0], alerts, lambda alert: f"https://airflow.example/{alert.store}"
    )

    assert found[0].text.splitlines()[1] == "  https://airflow.example/S01"


def test_a_remote_name_stays_on_one_line(shop: Shop) -> None:
    [alert] = stuck_files(shop.work, "S01", ["a\nSubject: b\x1b[31m" + "c" * 200], date(2026, 11, 22))

    assert alert.reason.startswith("a?Subject: b?[31mccc")
    assert "\n" not in alert.reason
    assert "c... is without" in alert.reason


# Settings


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("{channel: mail, connection: m, to: []}", "alerts.0.mail.to: "),
        ("{channel: mail, connection: m, to: ['a@b.c, d@e.f']}", "alerts.0.mail.to.0: "),
        ("{channel: pager, connection: m}", "alerts.0: "),
        ("{channel: slack, connection: m, causes: [weather]}", "alerts.0.slack.causes.0: "),
        ("{channel: slack, connection: 'https://hooks.slack.com/x'}", "alerts.0.slack.connection: "),
    ],
)
def test_a_channel_that_is_none_is_refused_by_its_key(open_shop: OpenShop, said: str, fault: str) -> None:
    shop = open_shop("S01")
    company = shop.home.parent / "config" / "corner-shops" / "company.yaml"
    company.write_text(COMPANY + f"alerts:\n  - {said}\n")

    with pytest.raises(SettingsError) as refused:
        load_settings(company.parents[1])

    assert fault in str(refused.value)
