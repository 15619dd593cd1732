"""Any days of takings, any lines of a statement, any terms: every penny is in exactly one outcome."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

from banks import CARDS, Bank
from hypothesis import given
from hypothesis import strategies as st
from storeday.model.money import plain
from storeday.reconcile.bank import Outcome, Settled, settle_statement
from storeday.reconcile.bank_expected import expected_deposits
from storeday.reconcile.bank_statement import read_statement

START = date(2026, 11, 2)
MERCHANTS = {"S01": "111", "S02": "222"}
MATCHED = (Outcome.AS_AGREED, Outcome.SHORT, Outcome.LONG)

AMOUNTS = st.one_of(st.integers(-30_000, 90_000), st.sampled_from([10_000, 9_850, 5_000, 20_000, -5_000]))
DAYS = st.integers(0, 13)
TAKINGS = st.dictionaries(st.tuples(DAYS, st.sampled_from(["S01", "S02"])), AMOUNTS, max_size=16)
LINES = st.lists(st.tuples(DAYS, AMOUNTS, st.sampled_from(["111", "222", "999", ""])), min_size=1, max_size=16)
FEES = st.sampled_from(
    [
        {"percent": "1.5", "within": "0.01"},
        {"up_to_percent": "3"},
        {"percent": "1", "per_deposit": "0.30", "per_payment": "0.02"},
        {},
    ]
)
SETTLEMENTS = st.fixed_dictionaries(
    {
        "days_later": st.integers(0, 3).map(str),
        "counted_in": st.sampled_from(["days", "banking_days"]),
        "closed": st.sampled_from(["next", "before"]),
        "together": st.sampled_from(["day", "settlement_day"]),
        "late": st.integers(0, 5).map(str),
    }
)
PAID = st.sampled_from(["store", "company"])


def bank_of(takings: dict[tuple[int, str], int], fees: dict[str, str], settlement: dict[str, str], paid: str) -> Bank:
    bank = Bank({**CARDS, "fees": [fees], "settlement": settlement, "paid": paid})
    for (day, store), minor in takings.items():
        bank.took((START + timedelta(days=day)).isoformat(), plain(minor), store=store)
    return bank


def outcome_counts(settled: Settled, column: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in settled.outcomes.to_pylist():
        found[row["outcome"]] += row[column]
    return found


@given(TAKINGS, LINES, FEES, SETTLEMENTS, PAID)
def test_every_penny_is_in_exactly_one_outcome(
    takings: dict[tuple[int, str], int],
    lines: list[tuple[int, int, str]],
    fees: dict[str, str],
    settlement: dict[str, str],
    paid: str,
) -> None:
    bank = bank_of(takings, fees, settlement, paid)
    for day, minor, merchant in lines:
        bank.paid((START + timedelta(days=day)).isoformat(), plain(minor), merchant=merchant)

    settled = bank.settle()

    moved = [line for line in lines if line[1]]
    came, gross = outcome_counts(settled, "came_minor"), outcome_counts(settled, "gross_minor")
    assert sum(came.values()) == sum(minor for _, minor, _ in moved)
    assert sum(outcome_counts(settled, "lines").values()) == len(moved)  # each line once
    assert came[Outcome.NOT_COME] == came[Outcome.MAY_COME] == 0
    assert gross[Outcome.NOT_EXPECTED] == gross[Outcome.TAKEN_BACK] == gross[Outcome.NOT_OURS] == 0
    kept = sum(outcome_counts(settled, "kept_minor").values())
    assert sum(gross[each] for each in MATCHED) - kept == sum(came[each] for each in MATCHED)
    if moved:
        begins = START + timedelta(days=min(day for day, _, _ in moved))
        assert_deposits_are_each_once(bank, settled, begins)


def assert_deposits_are_each_once(bank: Bank, settled: Settled, begins: date) -> None:
    expected = expected_deposits(bank.taken, bank.settings, "acquirer")
    late, early = bank.settings.deposits[0].settlement.late, bank.settings.deposits[0].settlement.early
    assert settled.last is not None
    due = [(date(1970, 1, 1) + timedelta(days=int(number)), int(gross)) for number, gross in expected_rows(expected)]
    reach = [
        gross for day, gross in due if begins - timedelta(days=late) <= day <= settled.last + timedelta(days=early)
    ]
    rows = settled.outcomes.to_pylist()
    assert sum(row["deposits"] for row in rows) + len(settled.earlier) == len(reach)
    assert settled.expected_minor == sum(row["gross_minor"] for row in rows)
    assert all(row["due"] >= begins for row in rows if row["outcome"] in {"not come", "may still come"})


def expected_rows(expected: Any) -> Any:
    return expected[["due", "gross_minor"]].itertuples(index=False)


@given(TAKINGS, LINES, FEES, SETTLEMENTS, PAID, st.randoms(use_true_random=False))
def test_the_order_of_takings_and_the_cut_of_a_statement_into_files_change_nothing(
    takings: dict[tuple[int, str], int],
    lines: list[tuple[int, int, str]],
    fees: dict[str, str],
    settlement: dict[str, str],
    paid: str,
    chance: Random,
) -> None:
    bank = bank_of(takings, fees, settlement, paid)
    for number, (day, minor, merchant) in enumerate(lines):
        bank.paid((START + timedelta(days=day)).isoformat(), plain(minor), merchant=merchant, text=f"no {number:02d}")
    whole = bank.settle()

    chance.shuffle(bank.rows)
    cut = chance.randint(1, len(bank.lines))
    parts = {"a.csv": bank.lines[:cut], "b.csv": [bank.lines[0], *bank.lines[chance.randint(1, cut) :]]}  # they overlap
    settings = bank.settings
    content = {name: ("\n".join(rows) + "\n").encode() for name, rows in parts.items()}
    read = read_statement(content, settings.statements["acquirer"], "acquirer")
    again = settle_statement(bank.taken, read, settings, "acquirer")

    assert again.expected_minor == whole.expected_minor
    assert again.came_minor == whole.came_minor
    assert without_places(again) == without_places(whole)


def without_places(settled: Settled) -> list[dict[str, Any]]:
    rows = settled.outcomes.drop_columns(["file", "line"]).to_pylist()
    return sorted(rows, key=str)


@given(TAKINGS, SETTLEMENTS, PAID)
def test_a_statement_that_pays_as_agreed_has_no_findings(
    takings: dict[tuple[int, str], int], settlement: dict[str, str], paid: str
) -> None:
    bank = bank_of(takings, {"percent": "1.5", "within": "0.00"}, settlement, paid)
    for row in expected_deposits(bank.taken, bank.settings, "acquirer").to_dict("records"):
        day = date(1970, 1, 1) + timedelta(days=int(row["due"]))
        net = int(row["gross_minor"]) - int(row["fee_high_minor"])
        bank.paid(day.isoformat(), plain(net), merchant=MERCHANTS.get(row["store"], "111"))

    settled = bank.settle()

    assert settled.findings == 0
    assert not settled.of(Outcome.MAY_COME, Outcome.NOT_OURS).num_rows
