"""Persons' decisions: what was seen is let through and nothing else, with a name and a reason on the sheet."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from shops import OpenShop, Shop
from storeday.model.store_day import State
from storeday.stages.decisions import HeldDay, NotDecided, release, withdraw
from storeday.stages.overview import waiting_days
from storeday.stages.table import held_day_text, held_table
from tills import DAY, Slice, Till, sale, z
from wrong_days import HELD

ANN = {"why": "the till's disk died", "by": "Ann Smith"}
GAP = "receipt numbers are missing"
CONFLICT = "one receipt number with two contents"


def send(shop: Shop, *parts: Slice) -> None:
    for part in parts:
        shop.send(part)
    shop.run()


def decide(shop: Shop, check: str = "", accept: str = "") -> None:
    release(shop.work, "S01", DAY, check=check, accept=accept, **ANN)
    shop.run()


def headings(shop: Shop, store: str = "S01") -> list[str]:
    return [line.partition("held: ")[2] for line in shop.held(store) if " held: " in line]


def manifest(shop: Shop) -> dict[str, object]:
    files = (shop.home / "outbox" / "corner-shops" / DAY.isoformat()).glob("*/manifest.json")
    newest = max(files, key=lambda file: file.stat().st_mtime_ns)
    found: dict[str, object] = json.loads(newest.read_text())["store_days"][0]
    return found


def sheets(shop: Shop) -> str:
    folder: Path = shop.home / "outbox" / "corner-shops" / DAY.isoformat()
    return "".join(file.read_text() for file in sorted(folder.glob("*/sheet.html")))


def with_a_gap(shop: Shop) -> Till:
    """Receipts 000001 and 000005; 000002 to 000004 are in no file."""
    till = Till("S01")
    send(shop, till.slice("09:00", sale("12.60")), till.skip(3).slice("10:00", sale("3.00"), z()))
    return till


# Gaps


def test_an_accepted_gap_lets_the_day_through_and_stands_on_the_sheet(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    with_a_gap(shop)
    assert headings(shop) == [GAP]

    decide(shop)

    said = f"{GAP}: 1 of 1 gaps; first: till 01 receipt 000002 to 000004. Accepted by Ann Smith: the till's disk died"
    assert shop.state("S01") is State.DELIVERED
    assert {"what": said, "amount": None} in manifest(shop)["warnings"]  # type: ignore[operator]
    assert manifest(shop)["decisions"] == [{"kind": "accept_gap", "check": GAP, **ANN}]
    assert "Accepted by Ann Smith: the till&#39;s disk died" in sheets(shop)


def test_an_accepted_gap_covers_no_later_gap(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = with_a_gap(shop)
    decide(shop)

    send(shop, till.skip(1).slice("12:00", sale("4.00"), z()))

    assert shop.held("S01")[:3] == [
        f"S01 2026-11-22 held: {GAP}",
        "  1 of 1 tills",
        "  till 01   receipt 000006 missing",
    ]


def test_a_part_of_an_accepted_gap_may_still_come(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    with_a_gap(shop)
    decide(shop)

    send(shop, Till("S01", first=3).slice("09:30", sale("1.00")))

    assert "the Z counts other receipts than came" in headings(shop)  # the Z knew of two receipts
    assert GAP not in headings(shop)


def test_an_accepted_gap_that_was_filled_is_no_longer_told(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    nine, lost = till.slice("09:00", sale("12.60")), till.slice("09:30", sale("1.00"))
    send(shop, nine, till.slice("10:00", sale("3.00"), z()))
    for check in headings(shop):
        release(shop.work, "S01", DAY, check=check, **ANN)
    shop.run()
    assert shop.state("S01") is State.DELIVERED

    send(shop, lost)

    assert shop.state("S01") is State.DELIVERED
    assert shop.warned("S01") == []


def test_a_gap_of_z_numbers_is_accepted_by_itself(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    first = till.slice("09:00", sale("12.60"), z())
    till.z_number = 3
    send(shop, first, till.slice("10:00", sale("3.00"), z()))
    assert headings(shop) == ["Z numbers are missing"]

    decide(shop)

    assert shop.state("S01") is State.DELIVERED
    assert shop.warned("S01") == ["Z numbers are missing: 1 of 1 gaps"]


# Conflicts


def conflict(shop: Shop) -> tuple[Slice, Slice]:
    """Receipt 000002 of 3.00 in one file and of 3.60 in another; the Z is with the first."""
    till = Till("S01")
    nine = till.slice("09:00", sale("12.60"), sale("3.00", at="09:40"), z(at="09:50"))
    again = till.skip(-1).slice("09:30", sale("3.60", at="09:40"))
    send(shop, nine, again)
    return nine, again


def test_both_sides_of_a_conflict_are_shown_with_file_line_and_totals(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    conflict(shop)

    said = held_day_text(HeldDay.of(shop.work, "S01", DAY))

    assert "receipt 000002 at 09:40   receipt 3.00   tenders CASH 3.00  S01_20261122T0900.csv line 5" in said
    assert "receipt 000002 at 09:40   receipt 3.60   tenders CASH 3.60  S01_20261122T0930.csv line 2" in said
    assert f"  {CONFLICT}: accept one side: S01_20261122T09" in said
    assert ": 2 receipts, 15.60)" in said
    assert ": 1 receipts, 3.60)" in said


@pytest.mark.parametrize(
    ("accept", "taken", "waits_for"),
    [
        ("S01_20261122T0900.csv", "15.60", []),
        ("S01_20261122T0930.csv", None, ["the Z's gross is not that of its receipts", "the Z's tax is not that of its receipts"]),  # noqa: E501
    ],
)  # fmt: skip
def test_the_accepted_side_counts_and_the_other_gives_way(
    open_shop: OpenShop, accept: str, taken: str | None, waits_for: list[str]
) -> None:
    shop = open_shop("S01")
    conflict(shop)

    decide(shop, accept=accept)

    assert headings(shop) == waits_for
    assert [row["Net Amount"] for row in shop.rows() if row["Type"] == "JC"] == ([taken] if taken else [])


def test_a_side_is_named_by_its_digest_as_well(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    conflict(shop)
    digest = next(file.sha256 for file in shop.files("S01") if file.name.endswith("0900.csv"))

    decide(shop, accept=digest[:8])

    assert shop.state("S01") is State.DELIVERED
    assert shop.warned("S01") == [f"{CONFLICT}: 1 of 1 choices"]
    assert f"S01_20261122T0900.csv ({digest[:8]}) counts, not S01_20261122T0930.csv" in sheets(shop)


def test_an_accepted_side_stands_against_the_file_it_was_chosen_over_and_no_other(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    nine, again = conflict(shop)
    decide(shop, accept=nine.name)

    third = again.changed("RECEIPT", gross="4.00").changed("LINE", gross="4.00", unit_price="4.00")
    send(shop, third.changed("TENDER", amount="4.00").at("09:35"))

    assert headings(shop)[0] == CONFLICT
    with pytest.raises(NotDecided, match="is none of the files"):
        decide(shop, accept=again.name)


def test_accepting_the_delivered_side_changes_nothing_in_sage(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    first = Till("S01").slice("09:00", sale("12.60", tax_class="ZERO"), z())
    send(shop, first)
    before = shop.rows()
    send(shop, first.changed("RECEIPT", customer="C001"))
    assert shop.state("S01") is State.HELD

    decide(shop, accept=hashlib.sha256(first.content).hexdigest())

    assert shop.state("S01") is State.DELIVERED
    assert shop.rows() == before


def test_the_accepted_count_of_a_z_is_banked_alone(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    close = Till("S01").slice("09:00", sale("20.00", tax_class="ZERO"), z())
    recount = close.changed("ZTENDER", amount="19.50").at("09:01")
    send(shop, close, recount)
    assert headings(shop) == ["one Z with two contents"]

    decide(shop, accept=recount.name)

    sums = {row["Nominal A/C Ref"]: row["Net Amount"] for row in shop.rows() if row["Type"] == "JD"}
    assert sums == {"1230": "19.50", "8206": "0.50"}


# Releases


def test_what_is_right_as_it_is_can_be_released_and_the_proofs_still_stand(open_shop: OpenShop) -> None:
    """Of the four, the tax that is far from its rate is refused by the rules for Sage's rows."""
    days = {waits.store: waits for waits in HELD.values() if waits.store in ("TAXCLASS", "SILENT", "BADZ", "OPEN")}
    shop = open_shop(**{store: waits.settings for store, waits in days.items()})
    send(shop, *[part for store, waits in days.items() for part in waits.files(Till(store))])
    held = {store: headings(shop, store) for store in days}

    for store in days:
        release(shop.work, store, DAY, **ANN)
    shop.run()

    warned = {store: [said.partition(":")[0] for said in shop.warned(store)] for store in days}
    assert {store: [check for check in warned[store] if check in held[store]] for store in days} == held
    assert {store: headings(shop, store) for store in days if shop.state(store) is not State.DELIVERED} == {
        "TAXCLASS": ["its rows for Sage do not prove"]
    }
    assert sheets(shop).count("Released by Ann Smith") == 4  # two of them about the Z


def test_a_release_covers_what_was_seen_and_nothing_more(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    send(shop, till.slice("09:00", sale("12.60"), z(), sale("3.00")))
    decide(shop)
    assert shop.state("S01") is State.DELIVERED

    send(shop, till.slice("10:00", sale("4.00")))

    assert headings(shop) == ["receipts after the till's last Z"]


def test_a_rejected_file_that_is_none_of_the_day_can_be_let_go(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    broken = till.slice("11:00").content.replace(b"record", b"recorded", 1)
    shop.put("S01", "S01_20261122T1100.csv", broken, till.slice("11:00").marker(broken))
    send(shop, till.slice("09:00", sale("12.60"), z()))
    assert headings(shop) == ["files that were rejected"]

    decide(shop)

    assert shop.state("S01") is State.DELIVERED


def test_what_can_not_be_posted_is_never_released(open_shop: OpenShop) -> None:
    days = {
        waits.store: waits
        for waits in HELD.values()
        if waits.store in ("LINESUM", "TAXSUM", "TENDSUM", "CODES", "NEWTILL")
    }
    shop = open_shop(*days)
    send(shop, *[part for store, waits in days.items() for part in waits.files(Till(store))])

    refused = {}
    for store in days:
        with pytest.raises(NotDecided) as said:
            release(shop.work, store, DAY, **ANN)
        refused[store] = str(said.value).splitlines()[:2]

    what_now = {store: shop.work.ledger.holds(store, DAY)[0].what_now for store in days}
    assert refused == {
        store: [
            f"{store} 2026-11-22: nothing was released, because of: {headings(shop, store)[0]}",
            f"  {headings(shop, store)[0]}: nothing: it can't be let through. {what_now[store]}",
        ]
        for store in days
    }
    assert [shop.work.ledger.decisions(store, DAY) for store in days] == [[]] * 5


def test_a_rule_that_lost_its_ends_by_still_lets_no_unbalanced_day_through(open_shop: OpenShop, tmp_path: Path) -> None:
    """Suites are edited by people: the proofs stand without them."""
    shop = open_shop("S01")
    for file in shop.work.expectations.glob("*.json"):
        (tmp_path / file.name).write_text(file.read_text().replace('"ends_by": "correction",', ""))
    object.__setattr__(shop.work, "expectations", tmp_path)
    send(shop, *HELD["tenders that do not sum to their receipt"].files(Till("S01")))

    decide(shop)

    assert headings(shop) == ["the till control account does not end at 0.00"]
    assert shop.rows() == []


def test_where_some_can_be_released_and_some_not_the_refusal_says_which(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    send(shop, till.slice("09:00", sale("12.60", category="FISH")), till.skip(1).slice("10:00", sale("3.00"), z()))

    with pytest.raises(NotDecided) as refused:
        decide(shop)
    decide(shop, check="missing")

    assert "  receipt numbers are missing: accept that till 01 receipt 000002 will not come" in str(refused.value)
    assert "  codes that are not mapped: nothing: it can't be let through. Add them to mappings" in str(refused.value)
    assert headings(shop) == ["codes that are not mapped"]


@pytest.mark.parametrize(
    ("why", "by"), [("", "Ann Smith"), ("the disk died", "  "), ("\n\t", "Ann Smith")], ids=["why", "by", "blank"]
)
def test_a_decision_without_a_reason_or_a_name_is_none(open_shop: OpenShop, why: str, by: str) -> None:
    shop = open_shop("S01")
    with_a_gap(shop)

    with pytest.raises(NotDecided, match="a decision needs a reason and a name"):
        release(shop.work, "S01", DAY, why=why, by=by)

    assert shop.work.ledger.decisions("S01", DAY) == []


def test_a_day_that_is_not_held_has_nothing_to_release(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    send(shop, Till("S01").slice("09:00", sale("12.60"), z()))

    with pytest.raises(NotDecided, match="S01 2026-11-22 is delivered and not held"):
        decide(shop)


# What is kept of it


def test_a_decision_is_an_event_of_its_day(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    with_a_gap(shop)

    release(shop.work, "S01", DAY, **ANN)

    _, was, now, why, by = shop.work.ledger.events("S01", DAY)[-1]
    assert (was, now, by) == ("held", "held", "Ann Smith")
    assert why == f"accept_gap: {GAP}: the till's disk died"


def test_a_withdrawn_decision_holds_the_day_again(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    with_a_gap(shop)
    decide(shop)
    (made,) = shop.work.ledger.decisions("S01", DAY)

    withdraw(shop.work, "S01", DAY, made.number, why="the store found the file", by="Bob Jones")
    shop.run()

    assert headings(shop) == [GAP]
    assert "withdrawn: the store found the file (by Bob Jones)" in held_day_text(HeldDay.of(shop.work, "S01", DAY))
    with pytest.raises(NotDecided, match="is not in force; in force: none"):
        withdraw(shop.work, "S01", DAY, made.number, why="again", by="Bob Jones")


def test_the_list_says_what_waits_for_a_person_and_what_may_be_done(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02", "S03")
    shop.send(Till("S02").slice("09:00", sale("12.60", category="FISH"), z()))
    shop.send(Till("S03").slice("09:00", sale("12.60"), z()))
    with_a_gap(shop)

    days = waiting_days(shop.work)

    assert [(day.store, day.may(day.holds[0])) for day in days] == [
        ("S01", "accept that till 01 receipt 000002 to 000004 will not come"),
        ("S02", f"nothing: it can't be let through. {days[1].holds[0].what_now}"),
    ]
    assert held_table(days).endswith("2 store-days wait for a person\n")
    assert waiting_days(shop.work, stores=["S03"]) == []
