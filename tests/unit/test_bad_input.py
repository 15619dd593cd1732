"""Bad input, end to end: everything that can be wrong with a till's files, and the words that a shop manager reads.

One company with a store for each fault goes through all stages in one run, a healthy store among them. What
can't be taken in is rejected with file, line and receipt; what is taken in and wrong holds its store-day.
"""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from bad_files import ASK, REJECTED, Sent
from golden_feeds import golden
from shops import OpenShop, Shop
from storeday.model.store_day import State
from storeday.stages.run import Ran
from tills import DAY, Slice, Till, no_money, refund, sale, z
from wrong_days import BEFORE, HELD

EVENING = golden("poslog-ncr", "evening/evening.xml").content
NCR = 'feed: poslog-ncr\npos_store_id: "12"\ntills: ["3", "4"]'


# One run over all of them


@dataclass(frozen=True)
class Street:
    """All stores after one run."""

    shop: Shop
    bad: dict[str, Sent]
    ran: Ran
    said: str


@pytest.fixture(scope="module")
def street(open_shop: OpenShop) -> Street:
    """A healthy store, one that sends things twice, one that sends all that is rejected, one for each hold; one run."""
    held = {waits.store: waits.settings for waits in HELD.values()}
    shop = open_shop("HEALTHY", "TWICE", "LOST", "REJECTS", NCR=NCR, **held)
    bad = {}
    for minute, (fault, case) in enumerate(REJECTED.items()):
        rung = (sale("12.60"), sale("3.00", tax_class="ZERO", tender="VISA"), no_money(), z())
        bad[fault] = case.send(shop, Till("REJECTS").slice(f"09:{minute:02d}", *rung))
    for waits in HELD.values():
        for part in waits.files(Till(waits.store)):
            shop.send(part)
    _healthy(shop)
    _twice(shop)
    _lost(shop)
    _poslogs(shop)
    return Street(shop, bad, *shop.run(BEFORE, DAY))


def _healthy(shop: Shop) -> None:
    till = Till("HEALTHY")
    shop.send(till.slice("09:00", sale("12.60"), sale("5.00", "2.00", tax_class="ZERO", tender="VISA")))
    shop.send(till.slice("10:00", refund("2.40", tender="VISA"), no_money(), z()))


def _twice(shop: Shop) -> None:
    """A file under two names, and two slices that overlap by one receipt."""
    till = Till("TWICE")
    nine = till.slice("09:00", sale("12.60"), sale("3.00", at="09:40"))
    again = till.slice("10:00", sale("4.00"), z())
    shop.send(nine)
    shop.put("TWICE", nine.at("09:05").name, nine.content, nine.marker(nine.content, file=nine.at("09:05").name))
    shop.send(Slice("TWICE", nine.at("09:30").start, nine.rows[3:]))
    shop.send(again)


def _lost(shop: Shop) -> None:
    """Files whose names say no day of this store: one is named for another store, one for a day that isn't."""
    shop.send(Till("HEALTHY").slice("09:00", sale("12.60"), z()), to="LOST")
    content = Till("LOST").slice("09:00", sale("12.60"), z()).content
    shop.put("LOST", "LOST_20261131T0900.csv", content, b"{}")


def _poslogs(shop: Shop) -> None:
    today = EVENING.replace(b"2026-10-31", b"2026-11-22").replace(b"2026-11-01", b"2026-11-23")
    bomb = b'<!DOCTYPE POSLog [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'
    head, _, rest = today.partition(b"\n")
    for name, content in (("bomb.xml", head + b"\n" + bomb + rest), ("cut.xml", today[: today.index(b"<Total ")])):
        marker = Till("NCR").slice("09:00").marker(content, file=name)
        shop.put("NCR", name, content, {"file": name, "sha256": marker["sha256"]})


# What must come of it


@pytest.mark.parametrize("fault", REJECTED)
def test_a_bad_file_is_rejected_in_words_that_say_where(street: Street, fault: str) -> None:
    sent = street.bad[fault]

    said = [why for why in street.shop.why("REJECTS") if why.startswith(sent.name.removesuffix("csv"))]

    assert said == [sent.says]
    assert street.shop.landed("REJECTS", sent.content) == sent.content


def test_rejected_files_hold_their_store_day_and_the_first_are_shown(street: Street) -> None:
    first = [f"  {sent.says}" for sent in street.bad.values()][:5]

    held = street.shop.held("REJECTS")

    place = held.index("REJECTS 2026-11-22 held: files that were rejected")
    assert held[place + 1 : place + 8] == [f"  {len(REJECTED)} of {len(REJECTED)} files", *first, f"  {ASK}"]
    assert street.shop.files("REJECTS") == []


@pytest.mark.parametrize("fault", HELD)
def test_a_wrong_store_day_is_held_with_its_reason(street: Street, fault: str) -> None:
    waits = HELD[fault]

    held = street.shop.held(waits.store)

    assert held == waits.lines
    assert street.shop.state(waits.store) is State.HELD


def test_the_healthy_store_beside_them_is_staged(street: Street) -> None:
    rows = [row for row in street.shop.rows() if row["Reference"].startswith("HEALTHY")]

    sums = {(row["Type"], row["Nominal A/C Ref"], row["Tax Code"]): row["Net Amount"] for row in rows}

    assert sums == {
        ("BR", "4000", "T0"): "7.00",
        ("BR", "4000", "T1"): "8.50",  # 10.50 sold less 2.00 given back
        ("JD", "1230", "T9"): "12.60",
        ("JD", "1250", "T9"): "4.60",
        ("JC", "1235", "T9"): "17.20",
    }
    assert street.ran.faults == 0
    assert street.shop.state("HEALTHY") is State.DELIVERED


def test_nothing_of_a_held_store_is_staged(street: Street) -> None:
    staged = {row["Reference"].partition("-")[0] for row in street.shop.rows()}

    assert staged == {"HEALTHY", "TWICE"}


def test_every_byte_that_came_is_kept(street: Street) -> None:
    sent = [(store, content) for (store, _), versions in street.shop.sent.items() for content in versions]

    assert len(sent) > len(REJECTED) + len(HELD)
    assert [store for store, content in sent if street.shop.landed(store, content) != content] == []


def test_the_same_receipt_twice_counts_once(street: Street) -> None:
    fact = street.shop.work.ledger.store_day("TWICE", DAY)

    assert fact is not None
    assert (fact.state, fact.receipts, fact.gross_minor) == (State.DELIVERED, 3, 1960)
    assert fact.summary["duplicates"] == 1
    assert "TWICE: 3 new files with takings of 22.60, 1 duplicates" in street.said


def test_a_file_that_says_no_day_of_its_store_is_told_of_all_the_same(street: Street) -> None:
    why = street.shop.why("LOST")

    assert why == [
        f"HEALTHY_20261122T0900.csv: the file is named for store HEALTHY and lies with LOST's. {ASK}",
        f"LOST_20261131T0900.ok: the marker does not say which file it is for (key file). {ASK}",
    ]
    assert "LOST: 0 new files with takings of 0.00, 2 rejected" in street.said


def test_an_entity_bomb_is_refused_before_it_is_parsed(street: Street) -> None:
    held = street.shop.held("NCR")

    assert f"  bomb.xml line 2: the file holds a DOCTYPE declaration, which no till has reason to send. {ASK}" in held


def test_a_poslog_cut_off_in_the_middle_is_rejected_whole(street: Street) -> None:
    told = [line for line in street.shop.held("NCR") if line.startswith("  cut.xml")]

    assert len(told) == 1
    assert told[0].startswith(
        "  cut.xml line 48 receipt 0041 of till 3: the XML is cut off or broken after this receipt:"
    )
    assert street.shop.files("NCR") == []


# What happens next


def minutes_old(path: Path, minutes: int) -> None:
    then = time.time() - minutes * 60
    os.utime(path, (then, then))


def test_a_file_without_its_marker_is_left_alone_and_reported_once_it_is_late(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02")
    till = Till("S01")
    shop.send(till.slice("09:00", sale("12.60")))
    shop.send(Till("S02").slice("09:00", sale("3.00"), z()))
    late = till.slice("10:00", sale("4.00"), z())
    path = shop.put("S01", late.name, late.content, marker=None)

    minutes_old(path, 29)
    _, uploading = shop.run()
    minutes_old(path, 31)
    _, waiting = shop.run()

    assert "S01: 1 new files with takings of 12.60, 1 still uploading" in uploading
    assert "S01: 0 new files with takings of 0.00, 1 seen before, " in waiting
    assert "1 without a marker for too long: S01_20261122T1000.csv" in waiting
    assert shop.landed("S01", late.content) is None
    assert shop.held("S01")[:2] == [
        "S01 2026-11-22 held: receipts after the till's last Z",
        "  1 of 1 tills",
    ]
    assert shop.state("S02") is State.DELIVERED


def test_a_corrected_file_of_the_same_name_frees_the_store_day_alone(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02")
    right = Till("S01").slice("09:00", sale("12.60"), z())
    wrong = right.changed("LINE", gross="1e3")
    shop.send(wrong)
    shop.send(Till("S02").slice("09:00", sale("3.00"), z()))
    shop.run()
    assert (shop.state("S01"), shop.state("S02")) == (State.HELD, State.DELIVERED)

    shop.send(right)
    ran, _ = shop.run()

    assert (ran.not_staged, shop.state("S01"), shop.held("S01")) == (0, State.DELIVERED, [])
    batches = shop.work.ledger.batches("corner-shops", DAY)
    assert [[store for store, _, _ in batch.store_days] for batch in batches] == [["S02"], ["S01"]]
    assert shop.landed("S01", wrong.content) == wrong.content
    assert shop.landed("S01", right.content) == right.content


def test_the_file_as_it_was_frees_a_store_day_whose_correction_was_bad(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    right = Till("S01").slice("09:00", sale("12.60"), z())
    for version in (right, right.changed("LINE", gross="1e3")):
        shop.send(version)
        shop.run()
    assert shop.state("S01") is State.HELD

    shop.send(right)
    ran, said = shop.run()

    assert (ran.not_staged, shop.state("S01")) == (0, State.DELIVERED), said


def test_a_corrected_version_of_a_file_that_holds_its_day_takes_its_place(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    right = Till("S01").slice("09:00", sale("12.60", tax_class="ZERO"), z())
    shop.send(right.changed("LINE", gross="12.40"))
    shop.run()
    assert shop.held("S01")[0] == "S01 2026-11-22 held: lines do not sum to the receipt"

    shop.send(right)
    shop.run()

    assert (shop.state("S01"), shop.held("S01")) == (State.DELIVERED, [])
    assert [file.sha256 for file in shop.files("S01")] == [hashlib.sha256(right.content).hexdigest()]
    assert [file.name for file in shop.work.ledger.superseded(["S01"], DAY)["S01"]] == [right.name]


def test_another_version_of_a_file_that_was_delivered_waits_for_a_person(open_shop: OpenShop) -> None:
    """Which version is right is left to a person then: other content under a receipt's number is a conflict."""
    shop = open_shop("S01")
    till = Till("S01")
    first = till.slice("09:00", sale("12.60", tax_class="ZERO"), z())
    shop.send(first)
    shop.run()
    assert shop.state("S01") is State.DELIVERED

    shop.send(first.changed("RECEIPT", customer="C001"))
    shop.run()

    conflict = shop.held("S01").index("S01 2026-11-22 held: one receipt number with two contents")
    assert shop.held("S01")[conflict + 1] == "  2 of 2 receipts"
    assert [file.name for file in shop.files("S01")] == [first.name, first.name]


def test_a_counted_tender_that_is_mapped_nowhere_holds_the_store_day(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()).changed("ZTENDER", tender="EURO"))

    shop.run()

    assert shop.held("S01")[0] == "S01 2026-11-22 held: codes that are not mapped"


def test_a_corrected_count_is_never_banked_on_top_of_the_first(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    close = Till("S01").slice("09:00", sale("20.00", tax_class="ZERO"), z())
    shop.send(close)
    shop.run()

    shop.send(close.changed("ZTENDER", amount="19.50"))
    shop.run()

    banked = sum(Decimal(row["Net Amount"]) for row in shop.rows() if row["Nominal A/C Ref"] == "1230")
    assert banked in (Decimal("20.00"), Decimal("19.50"))


def test_a_late_receipt_after_delivery_stages_only_the_difference(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    shop.send(till.slice("09:00", sale("12.60"), sale("7.00", tax_class="ZERO"), z()))
    shop.run()
    first = shop.rows()

    shop.send(till.slice("10:00", sale("12.00", tender="VISA"), z()))
    shop.run()

    late = [row for row in shop.rows() if row not in first]
    assert [
        (row["Type"], row["Nominal A/C Ref"], row["Reference"], row["Net Amount"], row["Tax Code"], row["Tax Amount"])
        for row in late
    ] == [
        ("BR", "4000", "S01-261122-2", "10.00", "T1", "2.00"),
        ("JD", "1250", "S01-261122-2-T", "12.00", "T9", "0.00"),
        ("JC", "1235", "S01-261122-2-T", "12.00", "T9", "0.00"),
    ]
    assert {row["Reference"] for row in first} == {"S01-261122", "S01-261122-T"}
