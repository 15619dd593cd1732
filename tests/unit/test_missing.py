"""Which store-days are expected, which of them are missing, and which are about to be lost at the store."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import ValidationError
from shops import OpenShop
from storeday.config.opening import Opening
from storeday.model.store_day import State
from storeday.stages import about_to_vanish, missing, overview, stores_of
from tills import DAY, Till, sale, z

SUNDAY, MONDAY = DAY, DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "day", "is_open"),
    [
        ({}, SUNDAY, True),
        ({"closed_weekdays": ["sun"]}, SUNDAY, False),
        ({"closed_weekdays": ["sun"]}, MONDAY, True),
        ({"closed_weekdays": ["sun"], "open_days": [SUNDAY]}, SUNDAY, True),
        ({"closed_days": [MONDAY]}, MONDAY, False),
        ({"first_day": MONDAY}, SUNDAY, False),
        ({"last_day": SUNDAY}, SUNDAY, True),
        ({"last_day": SUNDAY}, MONDAY, False),
        ({"last_day": SUNDAY, "open_days": [MONDAY]}, MONDAY, False),
    ],
)
def test_a_store_trades_on_the_days_that_its_settings_say(said: dict[str, object], day: date, is_open: bool) -> None:
    opening = Opening.model_validate(said)

    assert opening.is_open(day) is is_open


def test_a_day_that_is_open_and_closed_is_refused() -> None:
    with pytest.raises(ValidationError, match="2026-11-23 stands under closed_days and under open_days"):
        Opening(closed_days=(MONDAY,), open_days=(MONDAY,))


def test_a_closed_store_is_neither_expected_nor_red_and_its_company_is_staged(open_shop: OpenShop) -> None:
    shop, till = open_shop("S01", S02="opening: {closed_weekdays: [sun]}"), Till("S01")
    shop.send(till.slice("09:00", sale("12.60"), z()))

    ran, _ = shop.run()

    assert (ran.staged, ran.not_staged, ran.faults) == (1, 0, 0)
    assert [line.store for line in overview(shop.work, SUNDAY, SUNDAY)] == ["S01"]
    assert stores_of(shop.work, SUNDAY) == ["S01"]


def test_a_closed_store_that_sent_something_is_closed_like_any_other(open_shop: OpenShop) -> None:
    shop, till = open_shop(S01="opening: {closed_weekdays: [sun]}"), Till("S01")
    shop.send(till.slice("09:00", sale("12.60"), z()))
    shop.run()

    shop.run()

    assert shop.state("S01") is State.DELIVERED


def test_what_is_missing_says_whether_nothing_came_or_what_holds_it(open_shop: OpenShop) -> None:
    shop, till = open_shop("S01", "S02", "S03"), Till("S02")
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.send(till.slice("09:00", sale("12.60")))
    till.skip()
    shop.send(till.slice("10:00", sale("1.20"), z()))
    shop.run()

    found = missing(shop.work, SUNDAY, SUNDAY)

    assert [(each.store, each.state) for each in found] == [("S02", State.HELD), ("S03", State.EXPECTED)]
    assert "receipt numbers are missing" in found[0].words(SUNDAY)
    assert found[1].words(SUNDAY) == "S03 Sun 22 Nov 2026 expected: no file came"


def test_a_missing_day_is_a_warning_before_its_files_vanish_from_the_stores_server(open_shop: OpenShop) -> None:
    shop = open_shop(S01="retention_days: 7", S02="")

    said = {after: about_to_vanish(shop.work, SUNDAY + timedelta(days=after)) for after in (4, 5, 7)}

    assert [each for each in said[4] if each.trading_day == SUNDAY] == []
    (soon,) = (each for each in said[5] if each.trading_day == SUNDAY)
    assert soon.words(SUNDAY + timedelta(days=5)).endswith("its server keeps the files until 29 Nov 2026")
    assert {each.store for each in said[7]} == {"S01"}
    assert soon.words(SUNDAY + timedelta(days=8)).endswith("until 29 Nov 2026: have them exported again")
