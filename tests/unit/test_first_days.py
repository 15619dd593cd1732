"""A store's first 30 days after its cutover: more is looked at, and each day has a report."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quick_suites import judge_quickly
from shops import COMPANY, OpenShop, Shop
from storeday.config.first_days import FirstDays
from storeday.reconcile.golive.first_days import Figures, extra_checks
from storeday.stages.alerts import digests
from storeday.stages.first_days import write_first_days
from tills import DAY, Rung, Till, sale, z

CODE = "corner-shops"
LIVE = COMPANY + "environment: production\n"
CUTOVER = f"cutover: {DAY.isoformat()}\n"
WEEK = timedelta(weeks=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    judge_quickly(monkeypatch)


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store that went live on 22 November, and sold for 100.00 and for 120.00 in cash on the two Sundays before."""
    opened = open_shop(company=LIVE, S01=CUTOVER)
    opened.sign_off()
    sold(opened, DAY - 2 * WEEK, sale("100.00"))
    sold(opened, DAY - WEEK, sale("120.00"), first=2)
    return opened


def sold(shop: Shop, day: date, *rungs: Rung, first: int = 1, counted: str = "") -> None:
    """A day of the store, from the first file to the end of the run."""
    till = Till("S01", first=first, first_z=first, day=day)
    shop.send(till.slice("09:00", *rungs, z(counted=counted)))
    shop.run(day)


def looks(shop: Shop, day: date = DAY) -> list[str]:
    return [each for each in shop.warned("S01", day) if each.startswith("first days")]


def report(shop: Shop, day: date = DAY) -> dict[str, object]:
    said: dict[str, object] = json.loads(
        (shop.home / "reports" / "first_days" / CODE / f"{day.isoformat()}.json").read_text()
    )
    return said


def test_takings_far_from_those_of_the_same_weekday_are_worth_a_look_and_hold_nothing(shop: Shop) -> None:
    sold(shop, DAY, sale("200.00"), first=3)

    assert looks(shop) == ["first days: takings far from those of its weekday, out by 90.00 in all"]
    assert shop.state("S01").is_staged
    [batch] = [each for each in shop.work.ledger.batches(CODE, DAY) if each.state == "draft"]
    sheet = (shop.home / "staging" / CODE / DAY.isoformat() / batch.id / "sheet.html").read_text()
    assert "takings 200.00; 110.00 is the mean of 2 Sundays before; the bound is 40 %" in sheet


def test_takings_within_the_bound_are_not(shop: Shop) -> None:
    sold(shop, DAY, sale("154.00"), first=3)  # 110.00 and 40 % of it

    assert looks(shop) == []


def test_the_bound_is_the_company_s(shop: Shop) -> None:
    shop.settle(company=LIVE + "first_days: {gross_within_percent: 100}\n")

    sold(shop, DAY, sale("200.00"), first=3)

    assert looks(shop) == []


def test_codes_that_no_day_before_had_are_listed_with_their_money(shop: Shop) -> None:
    sold(shop, DAY, sale("100.00", tender="VISA"), sale("10.00", tax_class="ZERO"), first=3)

    assert looks(shop) == ["first days: codes seen for the first time: 2 of 4 codes"]
    rows = {each["title"]: each["rows"] for each in report(shop)["tables"]}  # type: ignore[attr-defined]
    assert rows["Worth a look"][0][2] == "tax code T0: 10.00\ntender VISA: 100.00"


def test_every_tender_over_or_short_is_listed(shop: Shop) -> None:
    sold(shop, DAY, sale("110.00"), first=3, counted="109.80")

    assert looks(shop) == ["first days: counted over or short: 1 of 1 tenders, out by -0.20 in all"]


@pytest.mark.parametrize("day", [DAY - WEEK, DAY + timedelta(days=30)], ids=["before the cutover", "the 31st day"])
def test_on_another_day_nothing_more_is_looked_at(shop: Shop, day: date) -> None:
    if day > DAY:
        sold(shop, day, sale("999.00", tender="VISA"), first=3)

    assert looks(shop, day) == []
    assert not (shop.home / "reports" / "first_days" / CODE / f"{day.isoformat()}.json").exists()


def test_a_sandbox_has_no_first_days(open_shop: OpenShop) -> None:
    shop = open_shop(company=COMPANY, S01=CUTOVER)

    sold(shop, DAY, sale("100.00"), counted="99.00")

    assert (looks(shop), write_first_days(shop.work, DAY)) == ([], [])


def test_each_trading_day_has_a_report_that_says_how_every_new_store_stands(shop: Shop) -> None:
    sold(shop, DAY, sale("200.00"), first=3)

    said = report(shop)

    rows = {each["title"]: each["rows"] for each in said["tables"]}  # type: ignore[attr-defined]
    assert said["title"] == "Corner Shops Ltd: first days, Sunday 22 November 2026"
    assert rows["Stores"] == [["S01 Shop S01", "staged", "1", "1", "200.00", "110.00", "1"]]
    assert said["bad"] == ["S01: first days: takings far from those of its weekday, out by 90.00 in all"]


def test_a_store_that_sent_nothing_on_one_of_its_first_days_is_named(shop: Shop) -> None:
    [page] = write_first_days(shop.work, DAY)

    assert report(shop)["bad"] == ["S01 is expected"]
    assert "S01 is expected" in Path(page).read_text()


def test_the_report_of_an_unchanged_day_is_the_same_again(shop: Shop) -> None:
    sold(shop, DAY, sale("200.00"), first=3)
    [page] = write_first_days(shop.work, DAY)
    before = Path(page).read_bytes()

    write_first_days(shop.work, DAY)

    assert Path(page).read_bytes() == before


def test_the_digest_of_the_day_says_it_as_well_without_any_receipt(shop: Shop) -> None:
    sold(shop, DAY, sale("200.00"), first=3)

    [digest] = digests(shop.work, DAY)

    assert digest.reason.splitlines()[-1] == (
        "S01 Shop S01: day 1 of its first 30: first days: takings far from those of its weekday, out by 90.00 in all"
    )


@given(
    gross=st.integers(0, 10**9),
    before=st.lists(st.integers(1, 10**9), min_size=1, max_size=4),
    percent=st.integers(1, 1000),
)
def test_the_bound_holds_to_the_penny(gross: int, before: list[int], percent: int) -> None:
    days = [Figures(DAY - n * WEEK, minor) for n, minor in enumerate(before, start=1)]
    mean = sum(before) // len(before)

    found = extra_checks(Figures(DAY, gross), days, FirstDays(gross_within_percent=percent))

    assert bool(found) == (100 * abs(gross - mean) > percent * mean)
