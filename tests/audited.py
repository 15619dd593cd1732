"""A month of two stores in which all happens that an audit tells of, added up by hand in tests/golden/audit/sums.md."""

from __future__ import annotations

from datetime import date, datetime
from unittest.mock import patch

import pytest
from quick_suites import judge_quickly
from shops import OpenShop, Shop
from storeday.ledger.readings import Comparison
from storeday.model.differences import Difference, DifferenceKind, Reading
from storeday.model.mapping_log import Effect, MappingVersion, Moved
from storeday.model.postings import Role
from storeday.stages.corrections import rollback
from storeday.stages.decisions import HeldDay, release
from tills import Till, refund, sale, z

COMPANY = "corner-shops"
MONTH = date(2026, 11, 1)
DAYS = [date(2026, 11, day) for day in (2, 3, 4, 5)]
ANN = "Ann Smith"
WHY_RELEASED = "=HYPERLINK(the till's disk died)"
"""A reason that a spreadsheet would run."""
GIFT = {"category": "GIFTCARD", "tax_class": "OUT", "tender": "VISA"}


def month_of_two_stores(open_shop: OpenShop) -> Shop:
    """The month, not read back from Sage yet."""
    shop = open_shop("S01", S02='tolerances: {cash_rounding: "0.02"}')
    with pytest.MonkeyPatch.context() as quickly:
        judge_quickly(quickly)
        one, two = Till("S01", day=DAYS[0]), Till("S02", day=DAYS[0])
        shop.send(one.slice("09:00", sale("12.00"), sale("6.00", tender="VISA"), z(counted="11.50")))
        shop.send(two.slice("09:00", sale("3.60", tender={"CASH": "3.58"}), refund("2.40"), z()))
        shop.run(DAYS[0])
        shop.send(one.slice("11:00", sale("24.00"), z()))
        shop.run(DAYS[0])
        one.day = two.day = DAYS[1]
        shop.send(one.slice("09:00", sale("10.50", tax_class="RED"), sale("25.00", **GIFT), z(counted="10.70")))
        shop.send(two.slice("09:00", sale("5.00", tax_class="ZERO", tender="VISA"), z()))
        shop.run(DAYS[1])
        one.day = DAYS[2]
        shop.send(one.slice("09:00", sale("12.60")))
        one.slice("09:30", sale("1.00"))  # is lost
        shop.send(one.slice("10:00", sale("3.00"), z()))
        shop.run(DAYS[2])
        for choice in HeldDay.of(shop.work, "S01", DAYS[2]).holds:
            release(shop.work, "S01", DAYS[2], check=choice.check, why=WHY_RELEASED, by=ANN)
        shop.run(DAYS[2])
        one.day = two.day = DAYS[3]
        shop.send(one.slice("09:00", sale("8.40", tender="VISA"), z()))
        shop.send(two.slice("09:00", sale("7.20")))
        shop.send(two.skip(2).slice("10:00", sale("1.20"), z()))
        shop.run(DAYS[3])
        rollback(shop.work, "S01", DAYS[3], why="rung up in the wrong store", by=ANN, say=lambda _: None)
    return shop


def read_back(shop: Shop) -> None:
    """Sage's export was read: four store-days agree, of one a row was deleted there."""
    gone = Difference(
        COMPANY,
        DifferenceKind.DELETED,
        "S01",
        DAYS[2],
        15_60,
        0,
        "BR 4000 T1 of S01-261104",
        "A person deleted it.",
        "Import the batch again.",
    )
    agree = frozenset({("S01", DAYS[0]), ("S01", DAYS[1]), ("S02", DAYS[0]), ("S02", DAYS[1])})
    reading = Reading(COMPANY, "audit trail", "trail.csv", "a" * 64, 31, DAYS[0], DAYS[3])
    differ = frozenset({("S01", DAYS[2])})
    compared = Comparison(reading, "b" * 64, DAYS[0], DAYS[3], frozenset(DifferenceKind), (gone,), agree, differ)
    shop.work.ledger.record_comparison(compared, "reader")


def change_mapping(shop: Shop) -> None:
    """A change of the mapping is accepted in the month."""
    moved = Effect(DAYS[0], DAYS[3], 5, 2, 0, (Moved(Role.SALES, "4000 T1", "4010 T1", 10_00, 2_00),))
    ledger = shop.work.ledger
    with patch("storeday.ledger.mappings.moment", return_value=datetime(2026, 11, 4, 12, 30)):
        if ledger.accepted_mapping(COMPANY) is None:
            ledger.record_mapping(MappingVersion(COMPANY, 1, "c" * 64, "[]", "Bob", "the first", (), False))
        before = ledger.accepted_mapping(COMPANY)
        assert before is not None
        words = ("GROCERY: 4000 to 4010 from 1 Dec 2026",)
        ledger.record_mapping(
            MappingVersion(COMPANY, before.number + 1, "d" * 64, "[]", "Bob Jones", "hot food", words, False, moved)
        )
