"""Persons' decisions at the command line: what is typed, what comes back, and how it ends."""

from __future__ import annotations

import pytest
from shops import MAPPINGS, OpenShop, Shop, Typed
from storeday.model.store_day import State
from storeday.stages.decisions import HeldDay
from storeday.stages.table import held_day_text
from tills import DAY, Till, sale, z

ANN = ("--why", "the till's disk died", "--by", "Ann Smith")


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A day with a gap: receipt 000002 is in no file."""
    opened = open_shop("S01")
    till = Till("S01")
    opened.send(till.slice("09:00", sale("12.60")))
    opened.send(till.skip().slice("10:00", sale("3.00"), z()))
    opened.run()
    return opened


def test_a_held_day_is_listed_shown_and_released(shop: Shop, typed: Typed) -> None:
    _, listed = typed("hold", "list")
    _, shown = typed("hold", "show", "S01", "2026-11-22")

    code, said = typed("hold", "release", "S01", "2026-11-22", *ANN)
    ran, _ = typed("run", "--day", "2026-11-22")
    _, decided = typed("hold", "show", "S01", "2026-11-22")

    assert listed.splitlines()[-1] == "1 store-days wait for a person"
    assert "  receipt numbers are missing: accept that till 01 receipt 000002 will not come" in shown.splitlines()
    assert (code, said.splitlines()) == (
        0,
        [
            "S01 2026-11-22: accept gap: receipt numbers are missing: till 01 receipt 000002",
            "Run the day again: storeday run --day 2026-11-22 --store S01",
        ],
    )
    assert (ran, shop.state("S01")) == (0, State.DELIVERED)
    assert "Ann Smith: accept gap: receipt numbers are missing: till 01 receipt 000002: the till's disk died" in decided


def test_what_can_not_be_released_ends_with_1_and_no_reason_with_2(typed: Typed) -> None:
    refused, why = typed("hold", "release", "S01", "2026-11-22", "--check", "codes", *ANN)
    unsaid, _ = typed("hold", "release", "S01", "2026-11-22", "--by", "Ann Smith")
    unknown, _ = typed("hold", "release", "S09", "2026-11-22", *ANN)

    assert (refused, unsaid, unknown) == (1, 2, 2)
    assert "'codes' is no check that holds the day. It is held by: receipt numbers are missing" in why


def test_where_nothing_may_be_released_no_command_for_it_is_shown(open_shop: OpenShop, shop: Shop) -> None:
    unmapped = open_shop("S01")
    unmapped.send(Till("S01").slice("09:00", sale("12.60", tender="SHELLS"), z()))
    unmapped.run()

    gap, code = (held_day_text(HeldDay.of(each.work, "S01", DAY)) for each in (shop, unmapped))

    assert "nothing: it can't be let through" in code
    assert ("storeday hold release" in gap, "storeday hold release" in code) == (True, False)


def test_a_day_is_moved_to_another_mapping_and_taken_back(shop: Shop, typed: Typed) -> None:
    typed("hold", "release", "S01", "2026-11-22", *ANN)
    typed("run", "--day", "2026-11-22")
    mappings = shop.home.parent / "config" / "corner-shops" / "mappings.yaml"
    mappings.write_text(MAPPINGS.replace("GROCERY: 4000", "GROCERY: 4005"))

    days = ("--from", "2026-11-22", "--to", "2026-11-22")
    shown, plan = typed("restage", *days)
    before = shop.rows()
    applied, done = typed("restage", *days, "--apply")
    _, nothing = typed("restage", *days)
    back, said = typed("rollback", "--store", "S01", "--day", "2026-11-22", *ANN)
    status, _ = typed("status")

    assert (shown, applied, back, status) == (0, 0, 0, 3)
    assert "  sales: 4000 dept 1 T1 to 4005 dept 1 T1, net 13.00, tax 2.60" in plan.splitlines()
    assert plan.splitlines()[-1] == "Nothing was staged. Stage it with --apply."
    assert len(before) == 3
    assert "3 rows of 1 store, sales 0.00" in done  # BR to the one nominal, SC from the other, SP for the two to meet
    assert nothing == "No store-day of the range would move.\n"
    assert said.splitlines()[0] == "S01 2026-11-22: rolled back; nothing of it is staged until it is released"
    assert shop.work.ledger.delivered("S01", DAY) == {}
