"""The stock file's strict validator, stock's settings, and what the ledger keeps of stock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from storeday.config.stock import StockSettings, Threshold
from storeday.ledger.facts import BatchFact, BatchKind, StockDayFact, StoreDayFact
from storeday.ledger.ledger import DraftOutdated, Ledger
from storeday.model.stock import BookLine, Mismatch, Movement, StockKey
from storeday.model.store_day import State
from storeday.sage50.uk_stock import STOCK_HEADER, StockRow, stock_csv
from storeday.sage50.uk_stock_rules import stock_problems_in, unfit_codes

DAY, BATCH = date(2026, 11, 22), "0123456789ab"
ROW = StockRow("GO", "10001", DAY, "Sold S01 22/11/2026 Newcastle Grainger", 26)

# The file


def problems(content: bytes) -> list[str]:
    return stock_problems_in(content, BATCH, frozenset({DAY}))


def test_a_row_is_written_as_sage_takes_it() -> None:
    content = stock_csv([ROW], BATCH)

    assert content.decode() == (
        ",".join(STOCK_HEADER) + "\r\nGO,10001,22/11/2026,01234567,Sold S01 22/11/2026 Newcastle Grainger,0.26,,\r\n"
    )
    assert problems(content) == []


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ("GO,", "MO,", "'MO' is no type that Sage imports"),
        ("10001", "10 001", "stock code '10 001' is not 1 to 30 letters, digits and signs without a space"),
        ("10001", "1" * 31, f"stock code '{'1' * 31}' is not 1 to 30 letters, digits and signs without a space"),
        ("10001", "=10001", "stock code '=10001' is not 1 to 30 letters, digits and signs without a space"),
        ("22/11/2026,0", "2026-11-22,0", "date '2026-11-22' is not DD/MM/YYYY of a day that exists"),
        ("22/11/2026,0", "31/11/2026,0", "date '31/11/2026' is not DD/MM/YYYY of a day that exists"),
        ("22/11/2026,0", "23/11/2026,0", "date 23/11/2026 is not a day of this batch"),
        ("01234567", "0123456789", f"reference '0123456789' is not the first 8 of the batch '{BATCH}'"),
        ("Sold S01", "=Sold S01", "begin like a formula"),
        ("0.26", "0.00", "quantity '0.00' is not above 0.00 with two decimals"),
        ("0.26", "-0.26", "quantity '-0.26' is not above 0.00 with two decimals"),
        ("0.26", "0.255", "quantity '0.255' is not above 0.00 with two decimals"),
        ("0.26,,", "0.26,1.00,", "cost price and sales price must be empty"),
        ("0.26,,", "0.26,", "7 fields, not 8"),
        ("Sold", "Söld", "not ASCII"),
        ("\r\n", "\n", "lines must end in CRLF"),
        ("Stock Code", "Product", "the header is not the template's"),
    ],
)
def test_what_sage_might_take_wrongly_is_refused_on_the_bytes(was: str, becomes: str, problem: str) -> None:
    content = stock_csv([ROW], BATCH).decode().replace(was, becomes).encode()

    found = problems(content)

    assert any(problem in said for said in found), found


def test_a_file_without_a_row_is_refused() -> None:
    found = problems(stock_csv([], BATCH))

    assert found == ["no row below the header"]


def test_codes_that_sage_can_not_take_are_named_each_with_why() -> None:
    found = unfit_codes(["10001", "AB C", "10099"], known=["10001"])

    assert found == [
        "'AB C' is not 1 to 30 letters, digits and signs without a space",
        "'10099' is not in skus.csv",
    ]
    assert unfit_codes(["10099"], known=None) == []


# The settings


@pytest.mark.parametrize(
    ("threshold", "counted", "passes"),
    [
        ({"units": "2"}, 98_000, False),
        ({"units": "2"}, 97_999, True),
        ({"percent": "5"}, 95_000, False),
        ({"percent": "5"}, 105_001, True),
        ({"units": "10", "percent": "1"}, 98_000, True),
        ({"units": "0.005"}, 99_994, True),
    ],
)
def test_a_count_is_too_far_from_the_book_by_either_limit(threshold: Any, counted: int, passes: bool) -> None:
    limits = Threshold.model_validate(threshold)

    assert limits.is_passed(counted, book_milli=100_000) is passes


def test_anything_counted_where_the_book_has_nothing_is_more_than_any_percentage() -> None:
    limits = Threshold.model_validate({"percent": "50"})

    assert limits.is_passed(1, book_milli=0)
    assert not limits.is_passed(0, book_milli=0)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"threshold": {}}, "say units, percent or both"),
        ({"threshold": {"units": "-1"}}, "'-1' is not a quantity with up to 3 decimals"),
        ({"threshold": {"percent": "5 %"}}, "'5 %' is not a percentage with up to 2 decimals"),
        ({"returned": "GO"}, "Input should be 'GI', 'GR' or 'DI'"),
        ({"location": "A1"}, "Extra inputs are not permitted"),
    ],
)
def test_settings_that_mean_nothing_are_refused(said: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        StockSettings.model_validate({"first_day": "2026-11-22", "codes": "shared", **said})


# The ledger

COMPANY, STORE = "northern-larder", "S01"
FACT = StockDayFact(STORE, DAY, COMPANY, "basis".ljust(64, "0"), "settings".ljust(64, "0"))
LINE = BookLine(DAY, "10001", "10001", 3_000, 0, 0, None, None, 0, -3_000, -300, False)
COUNTED = BookLine(DAY, "10002", "10002", 0, 0, 0, 5_000, 7_000, -200, 5_000, 500, True)
SOLD, COUNT = StockKey("10001", Movement.SOLD), StockKey("10002", Movement.COUNTED)
SHORT = Mismatch("10002", 5_000, 7_000)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    checked = StoreDayFact(STORE, DAY, COMPANY, State.READY, FACT.checked_basis, 3, 12_00, 2_00)
    opened.record_verdict(checked, [], {}, "takings 12.00", "run 1")
    yield opened
    opened.close()


def batch(batch_id: str = "aaaa") -> BatchFact:
    return BatchFact(batch_id, COMPANY, DAY, "draft", "0" * 64, 2, 0, ((STORE, DAY, 1),), BatchKind.STOCK)


def test_the_book_is_read_back_as_it_was_written(ledger: Ledger) -> None:
    changed = ledger.record_stock(FACT, [LINE, COUNTED], {DAY: (SHORT,)}, "run 1")

    assert changed == [DAY]
    assert ledger.stock_book(STORE, DAY) == [LINE, COUNTED]
    assert ledger.stock_book_before(STORE, date(2026, 11, 23)) == [LINE, COUNTED]
    assert ledger.stock_book_before(STORE, DAY) == []
    assert ledger.stock_day(STORE, DAY) == replace(FACT, alerts=(SHORT,))
    assert ledger.stock_wanted(STORE, DAY) == {SOLD: -300, COUNT: -200}


def test_a_day_is_behind_until_its_stock_is_read_and_unstaged_until_it_is_staged(ledger: Ledger) -> None:
    behind = ledger.stock_behind(COMPANY, DAY, DAY)
    ledger.record_stock(FACT, [LINE], {}, "run 1")
    unstaged = ledger.stock_unstaged(COMPANY)
    ledger.replace_stock_draft(COMPANY, DAY, batch(), {STORE: {SOLD: -300}})

    assert (behind, unstaged) == ([DAY], [DAY])
    assert (ledger.stock_behind(COMPANY, DAY, DAY), ledger.stock_unstaged(COMPANY)) == ([], [])
    assert ledger.stock_drafts(COMPANY) == [DAY]


def test_a_draft_of_another_stock_than_is_wanted_is_refused(ledger: Ledger) -> None:
    ledger.record_stock(FACT, [LINE], {}, "run 1")

    with pytest.raises(DraftOutdated, match="stock of S01 2026-11-22 changed meanwhile"):
        ledger.replace_stock_draft(COMPANY, DAY, batch(), {STORE: {SOLD: -200}})

    assert ledger.batches(COMPANY, DAY, BatchKind.STOCK) == []


def test_what_is_delivered_and_wanted_no_more_is_returned_whole(ledger: Ledger) -> None:
    ledger.record_stock(FACT, [LINE, COUNTED], {}, "run 1")
    ledger.replace_stock_draft(COMPANY, DAY, batch(), {STORE: {SOLD: -300, COUNT: -200}})
    ledger.mark_delivered(batch(), "run 1")

    ledger.record_stock(FACT, [], {}, "run 2")
    ledger.replace_stock_draft(COMPANY, DAY, batch("bbbb"), {STORE: {SOLD: 300, COUNT: 200}})
    ledger.mark_delivered(batch("bbbb"), "run 2")

    assert ledger.stock_delivered(STORE, DAY) == {}
    assert ledger.next_revision(STORE, DAY, BatchKind.STOCK) == 3
    assert ledger.next_revision(STORE, DAY) == 1


def test_a_batch_of_stock_is_none_of_takings(ledger: Ledger) -> None:
    ledger.record_stock(FACT, [LINE], {}, "run 1")
    ledger.replace_stock_draft(COMPANY, DAY, batch(), {STORE: {SOLD: -300}})

    ledger.replace_draft(COMPANY, DAY, None, {}, [], "run 1")
    ledger.mark_delivered(batch(), "run 1")

    assert ledger.batches(COMPANY, DAY) == []
    assert [found.state for found in ledger.batches(COMPANY, DAY, BatchKind.STOCK)] == ["delivered"]
    fact = ledger.store_day(STORE, DAY)
    assert fact is not None
    assert fact.state is State.READY


def test_an_alert_is_an_event_the_first_time_only(ledger: Ledger) -> None:
    for run in ("run 1", "run 2"):
        ledger.record_stock(FACT, [COUNTED], {DAY: (SHORT,)}, run)

    said = [(was, now, why, by) for _, was, now, why, by in ledger.events(STORE, DAY)]

    assert said[1:] == [("ready", "ready", "stock of 10002: counted 5, book 7, difference -2", "run 1")]
    assert ledger.stock_alerts([STORE], DAY) == {STORE: ["stock of 10002: counted 5, book 7, difference -2"]}
