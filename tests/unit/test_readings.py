"""Readings in the ledger: differences that open and close, store-days that Sage confirms, imports that count twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from storeday.ledger.facts import BatchFact, StoreDayFact
from storeday.ledger.ledger import Ledger
from storeday.ledger.readings import Comparison
from storeday.model.differences import Difference, DifferenceKind, Reading, as_said, difference_of
from storeday.model.postings import Amount, PostingKey, Role
from storeday.model.store_day import State

COMPANY, DAY, MINE = "northern-larder", date(2026, 11, 22), ("S01", date(2026, 11, 22))
LINES = {PostingKey(Role.SALES, "4000", 1, "T1", "", ""): Amount(10_00, 2_00)}
READING = Reading(COMPANY, "import layout", "trail.csv", "a" * 64, 12, DAY, DAY)
GONE = Difference(
    COMPANY, DifferenceKind.DELETED, "S01", DAY, 12_00, 0, "BR 4000 T1", "A person deleted it.", "Import it again."
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with one delivered store-day, in batch aaaa."""
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    fact = StoreDayFact("S01", DAY, COMPANY, State.READY, "b" * 64, 3, 12_00, 2_00)
    opened.record_verdict(fact, [], LINES, "takings 12.00", "run 1")
    batch = BatchFact("aaaa", COMPANY, DAY, "draft", "a" * 64, 3, 12_00, (("S01", DAY, 1),))
    opened.replace_draft(COMPANY, DAY, batch, {"S01": LINES}, [], "run 1")
    opened.mark_delivered(batch, "run 1")
    yield opened
    opened.close()


def compared(*found: Difference, agrees: bool, kinds: frozenset[DifferenceKind] | None = None) -> Comparison:
    return Comparison(
        reading=READING,
        basis="c" * 64,
        first=DAY,
        last=DAY,
        kinds=frozenset(DifferenceKind) if kinds is None else kinds,
        found=found,
        agree=frozenset({MINE} if agrees else ()),
        differ=frozenset(() if agrees else {MINE}),
    )


def state(ledger: Ledger) -> State:
    fact = ledger.store_day(*MINE)
    assert fact is not None
    return fact.state


def test_a_store_day_that_agrees_is_confirmed_and_opened_again_by_a_later_difference(ledger: Ledger) -> None:
    ledger.record_comparison(compared(agrees=True), "run 2")
    after_first = state(ledger)
    ledger.record_comparison(compared(GONE, agrees=False), "run 3")

    assert (after_first, state(ledger)) == (State.CONFIRMED, State.DELIVERED)
    assert [e[3] for e in ledger.events(*MINE)][-2:] == ["Sage agrees: trail.csv", "Sage differs: trail.csv"]
    assert [each.difference for each in ledger.differences_of(*MINE)] == [GONE]


def test_a_difference_found_again_stays_open_since_it_was_first_found(ledger: Ledger) -> None:
    ledger.record_comparison(compared(GONE, agrees=False), "run 2")
    before = ledger.open_differences(COMPANY)
    ledger.record_comparison(compared(replace(GONE, reason="Said in other words."), agrees=False), "run 3")

    assert ledger.open_differences(COMPANY) == before


def test_a_difference_is_closed_only_by_an_export_that_could_show_it(ledger: Ledger) -> None:
    stock = replace(GONE, kind=DifferenceKind.STOCK, stock_code="10001")
    ledger.record_comparison(compared(GONE, stock, agrees=False), "run 2")
    ledger.record_comparison(compared(agrees=True, kinds=frozenset({DifferenceKind.DELETED})), "run 3")

    assert [each.difference for each in ledger.open_differences(COMPANY, DAY, DAY)] == [stock]


def test_a_difference_of_a_whole_batch_is_shown_on_each_of_its_store_days(ledger: Ledger) -> None:
    whole = replace(GONE, store=None, batch="aaaa", kind=DifferenceKind.NOT_IMPORTED)
    ledger.record_comparison(compared(whole, agrees=False), "run 2")

    assert [each.difference for each in ledger.differences_of(*MINE)] == [whole]
    assert ledger.differences_of("S02", DAY) == []


def test_a_second_import_that_is_owned_up_to_counts_as_in_sage(ledger: Ledger) -> None:
    ledger.own_up_to_import("aaaa", {MINE}, 1, "imported twice by mistake", "Ann")

    assert ledger.delivered(*MINE) == {key: Amount(20_00, 4_00) for key in LINES}
    assert (state(ledger), ledger.next_revision(*MINE)) == (State.READY, 2)
    assert ledger.imported_again(COMPANY) == {("aaaa", *MINE): 1}


def test_a_difference_is_the_same_after_it_was_written_down() -> None:
    assert difference_of(as_said(GONE)) == GONE
