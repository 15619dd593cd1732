"""Late, doubled, changed: whatever comes again or comes late, Sage gets every sale once.

The cases by name. A person's part in them is in test_decisions.py and test_corrections.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from shops import OpenShop, Shop
from storeday.checks.gaps import Missing, Run, missing_numbers
from storeday.model.decisions import Gap
from storeday.model.store_day import State
from tills import DAY, Line, Slice, Till, no_money, sale, z

BURST = "the same basket several times within seconds"
NEXT = DAY + timedelta(days=1)


def send(shop: Shop, *parts: Slice) -> str:
    for part in parts:
        shop.send(part)
    return shop.run()[1]


def taken(shop: Shop) -> list[str]:
    """What each batch took out of the till control account, oldest reference first."""
    rows = [row for row in shop.rows() if row["Nominal A/C Ref"] == "1235" and row["Type"] == "JC"]
    return [row["Net Amount"] for row in sorted(rows, key=lambda row: (len(row["Reference"]), row["Reference"]))]


# Doubled


def test_the_same_file_again_changes_nothing(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    day = Till("S01").slice("09:00", sale("12.60"), z())
    send(shop, day)

    said = send(shop, day)

    assert "S01 2026-11-22: delivered (nothing new), 1 receipts, takings 12.60" in said
    assert taken(shop) == ["12.60"]


def test_the_same_bytes_under_another_name_count_once_after_delivery_too(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    day = Till("S01").slice("09:00", sale("12.60"), z())
    send(shop, day)

    said = send(shop, day.at("09:05"))

    assert "S01: 0 new files with takings of 0.00, 1 duplicates" in said
    assert taken(shop) == ["12.60"]


def test_a_cut_off_file_holds_nothing_once_it_is_whole_though_its_bytes_had_come_under_another_name(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("S01")
    day = Till("S01").slice("09:00", sale("12.60"), z())
    shop.put("S01", day.name, day.content[:-20], day.marker(day.content))
    send(shop, day.at("09:05"))
    held = shop.held("S01")

    send(shop, day)

    assert "files that were rejected" in held[0]
    assert (shop.state("S01"), taken(shop)) == (State.DELIVERED, ["12.60"])


def test_slices_that_overlap_after_delivery_stage_what_is_new_alone(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    nine = till.slice("09:00", sale("12.60"), sale("3.00", at="09:40"), z(at="09:50"))
    send(shop, nine)
    ten = till.slice("10:00", sale("4.00"), z())

    send(shop, replace(ten, start=nine.at("09:30").start, rows=(*nine.rows[3:6], *ten.rows)))

    fact = shop.work.ledger.store_day("S01", DAY)
    assert fact is not None
    assert (fact.state, fact.receipts, fact.summary["duplicates"]) == (State.DELIVERED, 3, 1)
    assert taken(shop) == ["15.60", "4.00"]


def test_two_identical_baskets_seconds_apart_are_two_sales(open_shop: OpenShop) -> None:
    shop = open_shop("S01")

    send(shop, Till("S01").slice("09:00", sale("2.00", at="09:00:01"), sale("2.00", at="09:00:04"), z()))

    assert (shop.state("S01"), shop.warned("S01")) == (State.DELIVERED, [])
    assert taken(shop) == ["4.00"]


def test_a_burst_of_one_basket_is_posted_and_told(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    seconds = [sale("2.00", at=f"09:00:0{second}") for second in (1, 4, 9)]

    send(shop, Till("S01").slice("09:00", *seconds, sale("2.00", at="09:05"), z(at="09:06")))

    assert (shop.state("S01"), shop.warned("S01")) == (State.DELIVERED, [f"{BURST}: 3 of 4 receipts"])
    assert taken(shop) == ["8.00"]


@pytest.mark.parametrize(
    "rungs",
    [
        [sale("2.00", at=f"09:00:0{n}", sku=sku) for n, sku in enumerate(("10001", "10002", "10001"))],
        [sale("2.00", at=f"09:00:{n}") for n in ("00", "11", "22")],
        [no_money("no_sale"), no_money("no_sale"), no_money("no_sale")],
        [sale(Line("1.00"), Line("1.00")), sale("2.00"), sale(Line("1.50"), Line("0.50"))],
    ],
    ids=["other goods", "further apart than the store's seconds", "no sales at all", "the same amount of other lines"],
)
def test_what_only_looks_alike_is_no_burst(open_shop: OpenShop, rungs: list[object]) -> None:
    shop = open_shop("S01")

    send(shop, Till("S01").slice("09:00", *rungs, z()))  # type: ignore[arg-type]

    assert (shop.state("S01"), shop.warned("S01")) == (State.DELIVERED, [])


def test_a_store_says_what_a_burst_is(open_shop: OpenShop) -> None:
    shop = open_shop(S01="tolerances: {burst_receipts: 2, burst_seconds: 60}")

    send(shop, Till("S01").slice("09:00", sale("2.00"), sale("2.00"), z()))  # a minute apart

    assert shop.warned("S01") == [f"{BURST}: 2 of 2 receipts"]


def test_tills_that_sell_the_same_at_once_are_no_burst(open_shop: OpenShop) -> None:
    shop = open_shop(S01='tills: ["01", "02", "03"]')

    send(shop, *[Till("S01", code).slice(f"09:{code}", sale("2.00", at="09:00"), z()) for code in ("01", "02", "03")])

    assert (shop.state("S01"), shop.warned("S01")) == (State.DELIVERED, [])


# Late


@pytest.fixture(params=["hold", "first_open_day"])
def after_the_lock(request: pytest.FixtureRequest, open_shop: OpenShop) -> tuple[str, Shop]:
    """A day that was delivered and then locked in Sage, under each policy; a receipt came late."""
    shop = open_shop("S01")
    till = Till("S01")
    send(shop, till.slice("09:00", sale("12.60"), z()))
    company = shop.work.settings.companies[0]
    said = {"lock_date": DAY, "locked_days": request.param}
    moved = company.model_copy(update={"company": company.company.model_copy(update=said)})
    object.__setattr__(shop.work, "settings", shop.work.settings.model_copy(update={"companies": (moved,)}))
    shop.run()
    assert shop.state("S01") is State.DELIVERED  # nothing is to be posted, so no lock is in its way
    send(shop, till.slice("10:00", sale("4.00"), z()))
    return request.param, shop


def test_a_receipt_for_a_locked_period_follows_the_companys_policy(after_the_lock: tuple[str, Shop]) -> None:
    policy, shop = after_the_lock

    dates = [(row["Date"], row["Net Amount"]) for row in shop.rows() if row["Type"] == "JC"]

    if policy == "hold":
        assert shop.held("S01")[0] == "S01 2026-11-22 held: the trading day is locked in Sage"
        assert dates == [("22/11/2026", "12.60")]
    else:
        assert sorted(dates) == [("22/11/2026", "12.60"), ("23/11/2026", "4.00")]


def test_a_receipt_for_a_delivered_day_opens_that_day_and_no_other(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02")
    till, other = Till("S01"), Till("S02")
    send(shop, till.slice("09:00", sale("12.60"), z()), other.slice("09:00", sale("5.00"), z()))
    other.day = NEXT
    shop.send(other.slice("09:00", sale("7.00"), z()))
    shop.run(NEXT)

    shop.send(till.slice("20:00", sale("4.00"), z()))
    shop.run(DAY)

    assert [len(shop.work.ledger.batches("corner-shops", day)) for day in (DAY, NEXT)] == [2, 1]
    assert [store for store, _, _ in shop.work.ledger.batches("corner-shops", DAY)[1].store_days] == ["S01"]


# Tills whose numbers wrap, restart, or that are replaced


def test_numbers_may_wrap_at_their_width(open_shop: OpenShop) -> None:
    shop = open_shop("S01")

    send(shop, Till("S01", first=999_999).slice("09:00", sale("1.00"), z()))
    day_after = Till("S01", first=0, first_z=2, day=NEXT)
    shop.send(day_after.slice("09:00", sale("2.00"), sale("3.00"), z()))
    shop.run(NEXT)

    assert (shop.state("S01"), shop.state("S01", NEXT)) == (State.DELIVERED, State.DELIVERED)


def test_a_replaced_till_that_the_settings_name_begins_anew(open_shop: OpenShop) -> None:
    shop = open_shop(S01=f'restarts: [{{till: "01", day: {NEXT.isoformat()}, why: a new till}}]')
    send(shop, Till("S01", first=4417, first_z=88).slice("09:00", sale("1.00"), z()))

    shop.send(Till("S01", day=NEXT).slice("09:00", sale("2.00"), sale("3.00"), z()))
    shop.run(NEXT)

    assert shop.state("S01", NEXT) is State.DELIVERED, shop.held("S01", NEXT)


def test_a_replaced_till_that_nobody_named_is_held_and_its_gap_accepted(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    send(shop, Till("S01", first=4417, first_z=88).slice("09:00", sale("1.00"), z()))
    new = Till("S01", day=NEXT)
    shop.send(new.slice("09:00", sale("2.00"), z()))
    shop.run(NEXT)
    assert [line for line in shop.held("S01", NEXT) if " held: " in line] == [
        f"S01 {NEXT.isoformat()} held: receipt numbers are missing",
        f"S01 {NEXT.isoformat()} held: Z numbers are missing",
    ]

    from storeday.stages.decisions import release

    release(shop.work, "S01", NEXT, why="a new till", by="Ann Smith")
    shop.run(NEXT)
    new.day = NEXT + timedelta(days=1)
    shop.send(new.slice("09:00", sale("3.00"), z()))
    shop.run(new.day)

    assert (shop.state("S01", NEXT), shop.state("S01", new.day)) == (State.DELIVERED, State.DELIVERED)


def run_of(*numbers: int) -> Run:
    import numpy as np

    return Run(np.array(numbers, dtype=np.int64), 4, np.arange(len(numbers), dtype=np.int64))


@pytest.mark.parametrize(
    ("numbers", "before", "anew", "accepted", "missing"),
    [
        ((3, 4, 7), "0001", None, [], Missing(3, 0, "0002, 0005, 0006", "0002-0002, 0005-0006")),
        ((3, 4, 7), "0001", None, ["0005-0006"], Missing(1, 2, "0002", "0002-0002")),
        ((3, 4, 7), "0001", None, ["0004-0005"], Missing(2, 1, "0002, 0006", "0002-0002, 0006-0006")),
        ((3, 4, 7), "0001", None, ["0005-0009"], Missing(1, 2, "0002", "0002-0002")),
        ((9998, 2), None, None, [], Missing(3, 0, "9999, 0000, 0001", "9999-0001")),
        ((9998, 2), None, None, ["9999-0001"], Missing(0, 3)),
        ((4418, 4419, 1, 2), "4417", "1", [], Missing()),
        ((4419, 1, 3), "4417", "0001", [], Missing(2, 0, "4418, 0002", "4418-4418, 0002-0002")),
        ((2, 3), "4417", "1", [], Missing(1, 0, "0001", "0001-0001")),
    ],
    ids=[
        "gaps",
        "one of them accepted",
        "a part of one accepted",
        "more accepted than is missing",
        "over the wrap",
        "over the wrap and accepted",
        "replaced at midday",
        "replaced at midday, with gaps on both sides",
        "replaced, and its first receipt is not here",
    ],
)
def test_what_is_missing_of_a_run(
    numbers: tuple[int, ...], before: str | None, anew: str | None, accepted: list[str], missing: Missing
) -> None:
    gaps = [Gap.read(f"01 receipt {numbers}") for numbers in accepted]

    found = missing_numbers(run_of(*numbers), before, anew, gaps)

    assert found == missing
