"""A week of card takings against an acquirer's statement, row by row; the sums stand beside it, added by hand."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from banks import day_number
from storeday.config.bank import BankSettings
from storeday.config.text import read_yaml
from storeday.model.money import minor_of
from storeday.model.spreadsheet import csv_of
from storeday.reconcile.bank import FINDINGS, Outcome, Settled, settle_statement
from storeday.reconcile.bank_statement import read_statement, statements_of
from storeday.reconcile.bank_words import about, name_of
from storeday.stages.bank import table_of

GOLDEN = Path(__file__).parent / "bank"
Golden = Callable[[Path, bytes], None]


@pytest.fixture(scope="module")
def settled() -> Settled:
    bank = BankSettings.model_validate(read_yaml((GOLDEN / "bank.yaml").read_text()))
    with (GOLDEN / "taken.csv").open(newline="") as file:
        taken = [
            (row["store"], day_number(row["trading_day"]), row["tender"], minor_of(row["amount"]), 1, 1)
            for row in csv.DictReader(file)
        ]
    content = (GOLDEN / "statement.csv").read_bytes()
    assert statements_of("statement.csv", content, bank) == ["acquirer"]
    lines = read_statement({"statement.csv": content}, bank.statements["acquirer"], "acquirer")
    return settle_statement(table_of(taken), lines, bank, "acquirer")


def test_a_week_becomes_this_report(settled: Settled, golden: Golden) -> None:
    golden(GOLDEN / "report.csv", csv_of(settled.outcomes))


def test_its_sums_are_those_added_by_hand(settled: Settled) -> None:
    matched = (Outcome.AS_AGREED, Outcome.SHORT, Outcome.LONG)

    assert (settled.expected_minor, settled.came_minor) == (409_000, 371_390)
    assert [settled.sum(f"{column}_minor", *matched) for column in ("gross", "came", "kept")] == [
        376_000,
        369_390,
        6_610,
    ]
    assert settled.sum("gross_minor", Outcome.NOT_COME) == 24_000
    assert settled.sum("gross_minor", Outcome.MAY_COME) == 9_000
    assert settled.sum("came_minor", Outcome.TAKEN_BACK) == -2_500
    assert settled.sum("came_minor", Outcome.NOT_EXPECTED) == 4_500


def test_each_finding_is_told_in_words(settled: Settled) -> None:
    told = [f"{row['outcome']} {name_of(row)}: {about(row)}" for row in settled.of(*FINDINGS).to_pylist()]

    assert told == [
        "not come S02 cards 03 Nov: 6 days overdue when the statement ends",
        "came short S01 cards 03 Nov: 16.00 kept back, 6.00 expected: 10.00 too much",
        "came long S01 cards 04 Nov: nothing was kept back, 1.50 expected",
        "taken back S02 cards: =Rückbelastung 4417",
        "not expected : Umsatz",
    ]
