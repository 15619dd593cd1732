"""What stores took held to a statement: every deposit and line in one outcome, and the right one."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from banks import ACQUIRER, CARDS, Bank
from pydantic import ValidationError
from storeday.config.bank import BankSettings
from storeday.config.load import load_settings
from storeday.config.opening import WEEK
from storeday.ledger.facts import StoreDayFact
from storeday.model.money import plain
from storeday.model.store_day import State
from storeday.reconcile.bank import FINDINGS, SumsDiffer, prove, settle_statement
from storeday.reconcile.bank_statement import read_statement
from storeday.sample import SampleOrder, write_sample
from storeday.sample.statements import write_statements
from storeday.stages.bank import taken_of

CONFIG = Path(__file__).parents[2] / "include" / "config"


def terms(**said: Any) -> dict[str, Any]:
    return {**CARDS, **said}


def test_a_deposit_less_the_agreed_fee_is_as_agreed() -> None:
    bank = Bank().took("2026-11-02", "150.00").took("2026-11-02", "50.00", tender="MC").paid("2026-11-03", "197.00")

    assert bank.outcomes("gross_minor", "came_minor", "kept_minor", "off_minor") == [
        ("as agreed", 20000, 19700, 300, 0)
    ]


def test_what_is_kept_back_beyond_the_fee_is_told_with_its_money() -> None:
    bank = Bank().took("2026-11-02", "200.00").paid("2026-11-03", "187.00")

    assert bank.outcomes("kept_minor", "fee_high_minor", "off_minor") == [("came short", 1300, 300, -1000)]


def test_a_deposit_in_full_where_a_fee_was_agreed_came_long() -> None:
    bank = Bank().took("2026-11-02", "200.00").paid("2026-11-03", "200.00")

    assert bank.outcomes("way", "off_minor") == [("came long", "in full", 300)]


def test_a_fee_that_the_statement_says_names_the_day_whatever_it_is() -> None:
    terms_of_none = terms(short_percent="0")  # by its day alone nothing is known here
    bank = Bank(terms_of_none).took("2026-11-02", "200.00").paid("2026-11-03", "140.00", fee="-60.00")

    assert bank.outcomes("way", "off_minor") == [("came short", "gross as the statement says it", -5700)]


def test_a_weekend_in_one_line_is_three_days() -> None:
    bank = Bank().took("2026-11-06", "500.00").took("2026-11-07", "800.00").took("2026-11-08", "300.00")
    bank.paid("2026-11-10", "1576.00")

    found = bank.outcomes("first_day", "last_day", "deposits", "kept_minor")

    assert found == [("as agreed", date(2026, 11, 6), date(2026, 11, 8), 3, 2400)]


def test_a_day_in_two_lines_is_one_deposit() -> None:
    bank = Bank().took("2026-11-02", "1000.00").paid("2026-11-03", "600.00").paid("2026-11-03", "385.00")

    assert bank.outcomes("lines", "came_minor") == [("as agreed", 2, 98500)]


def test_a_fee_once_a_deposit_is_kept_back_once_of_a_weekend() -> None:
    bank = Bank(terms(fees=[{"per_deposit": "0.30", "within": "0.00"}]))
    bank.took("2026-11-06", "500.00").took("2026-11-07", "800.00").paid("2026-11-10", "1299.70")

    assert bank.outcomes("way", "deposits", "kept_minor", "off_minor") == [("as agreed", "less the fee", 2, 30, 0)]


def test_a_fee_once_a_deposit_is_agreed_once_of_all_that_is_due_on_a_day() -> None:
    settlement = {"days_later": "1", "together": "settlement_day"}
    bank = Bank(terms(fees=[{"per_deposit": "0.30", "within": "0.00"}], settlement=settlement))
    bank.took("2026-11-07", "500.00").took("2026-11-08", "800.00").paid("2026-11-10", "1299.70")

    assert bank.outcomes("fee_low_minor", "fee_high_minor", "off_minor") == [("as agreed", 30, 30, 0)]


def test_a_deposit_that_came_twice_is_matched_once() -> None:
    bank = Bank().took("2026-11-02", "100.00").paid("2026-11-03", "98.50").paid("2026-11-03", "98.50")

    assert bank.outcomes("came_minor") == [("not expected", 9850), ("as agreed", 9850)]


@pytest.mark.parametrize(
    ("settlement", "due"),
    [
        ({"days_later": "1"}, date(2026, 11, 10)),  # counts from Monday
        ({"days_later": "1", "closed": "before"}, date(2026, 11, 9)),  # counts from Friday
        ({"days_later": "1", "counted_in": "days"}, date(2026, 11, 8)),
    ],
)
def test_takings_of_a_saturday_are_due_as_the_settings_count(settlement: dict[str, str], due: date) -> None:
    bank = Bank(terms(settlement=settlement)).took("2026-11-07", "100.00").paid("2026-11-09", "98.50")

    assert bank.outcomes("due") == [("as agreed", due)]


def test_no_deposit_is_due_on_a_bank_holiday() -> None:
    bank = Bank(holidays=("2026-12-25", "2026-12-28")).took("2026-12-24", "100.00").paid("2026-12-29", "98.50")

    assert bank.outcomes("due") == [("as agreed", date(2026, 12, 29))]


def test_all_that_is_due_on_a_day_may_be_one_deposit_of_all_stores() -> None:
    company = terms(paid="company", settlement={"days_later": "1", "together": "settlement_day"}, merchants={})
    bank = Bank(company).took("2026-11-07", "100.00").took("2026-11-08", "60.00", store="S02")
    bank.paid("2026-11-10", "157.60", merchant="")

    assert bank.outcomes("store", "deposits", "gross_minor") == [("as agreed", "", 1, 16000)]


def test_a_changed_fee_counts_from_its_trading_day_on() -> None:
    fees = [{"percent": "1.5", "within": "0.00"}, {"valid_from": "2026-11-03", "percent": "2", "within": "0.00"}]
    bank = Bank(terms(fees=fees)).took("2026-11-02", "100.00").took("2026-11-03", "100.00")
    bank.paid("2026-11-03", "98.50").paid("2026-11-04", "98.00")

    assert bank.outcomes("kept_minor") == [("as agreed", 150), ("as agreed", 200)]


def test_a_fee_on_each_payment_wants_their_number_and_without_it_allows_for_all() -> None:
    each = terms(fees=[{"percent": "1", "per_payment": "0.05", "within": "0.00"}])
    counted = Bank(each).took("2026-11-02", "100.00", payments=(40, 40)).paid("2026-11-03", "97.00")
    unknown = Bank(each).took("2026-11-02", "100.00", payments=(0, 60)).paid("2026-11-03", "97.00")

    assert counted.outcomes("fee_low_minor", "fee_high_minor") == [("as agreed", 300, 300)]
    assert unknown.outcomes("fee_low_minor", "fee_high_minor") == [("as agreed", 100, 400)]


@pytest.mark.parametrize(
    ("came", "outcome"), [("97.00", "as agreed"), ("100.00", "as agreed"), ("96.99", "came short")]
)
def test_a_fee_that_nobody_agreed_on_may_be_anything_up_to_its_limit(came: str, outcome: str) -> None:
    bank = Bank(terms(fees=[{"up_to_percent": "3"}])).took("2026-11-02", "100.00").paid("2026-11-03", came)

    assert bank.outcomes() == [(outcome,)]


@pytest.mark.parametrize("came", ["-80.00", "-81.20", "-78.80"])
def test_more_returned_than_sold_is_taken_out_of_the_bank_with_or_without_a_fee(came: str) -> None:
    bank = Bank().took("2026-11-04", "-80.00").paid("2026-11-05", came)

    assert bank.outcomes("gross_minor") == [("as agreed", -8000)]


def test_a_chargeback_is_taken_back_and_its_store_is_named() -> None:
    bank = Bank().took("2026-11-02", "100.00", store="S02").paid("2026-11-03", "98.50", merchant="222")
    bank.paid("2026-11-04", "-35.00", merchant="222", text="Chargeback")

    assert bank.outcomes("store", "came_minor", "text")[0] == ("taken back", "S02", -3500, "Chargeback")


def test_a_deposit_that_is_not_in_the_statement_is_overdue_by_the_statements_last_day() -> None:
    bank = Bank().took("2026-11-02", "100.00").took("2026-11-09", "60.00").paid("2026-11-03", "0.00")
    bank.took("2026-11-06", "40.00").paid("2026-11-09", "39.40").paid("2026-11-03", "1.00", merchant="999")

    found = bank.outcomes("first_day", "overdue_days", "gross_minor")

    assert found == [
        ("not come", date(2026, 11, 2), 6, 10000),
        ("not expected", None, 0, 0),
        ("may still come", date(2026, 11, 9), 0, 6000),
        ("as agreed", date(2026, 11, 6), 0, 4000),
    ]


def test_what_was_due_before_the_statement_begins_belongs_to_the_one_before() -> None:
    bank = Bank().took("2026-11-02", "100.00").took("2026-11-04", "60.00").paid("2026-11-05", "59.10")

    settled = bank.settle()

    assert settled.earlier == (("cards", "S01", date(2026, 11, 2)),)
    assert settled.expected_minor == 6000
    assert settled.findings == 0


def test_a_deposit_that_was_late_in_the_statement_before_is_found_in_this_one() -> None:
    bank = Bank().took("2026-11-02", "100.00").paid("2026-11-05", "98.50")

    assert bank.outcomes("due", "came_on") == [("as agreed", date(2026, 11, 3), date(2026, 11, 5))]


def test_a_merchant_that_no_store_has_is_not_expected_even_with_the_right_amount() -> None:
    bank = Bank().took("2026-11-02", "100.00").paid("2026-11-03", "98.50", merchant="999").paid("2026-11-08", "1.00")

    assert bank.outcomes("came_minor") == [("not come", 0), ("not expected", 9850), ("not expected", 100)]


def test_one_of_two_equal_deposits_goes_to_the_nearer_day() -> None:
    bank = Bank().took("2026-11-02", "100.00").took("2026-11-03", "100.00").paid("2026-11-04", "98.50")
    bank.paid("2026-11-03", "1.00", merchant="999").paid("2026-11-08", "1.00", merchant="999")

    found = bank.outcomes("first_day")

    assert (found[0], found[-1]) == (("not come", date(2026, 11, 2)), ("as agreed", date(2026, 11, 3)))


def test_what_could_be_of_two_stores_is_guessed_by_its_amount_and_never_by_its_day_alone() -> None:
    nameless = {key: value for key, value in ACQUIRER.items() if key != "merchant"}
    bank = Bank(terms(merchants={}), statement=nameless)
    bank.took("2026-11-02", "100.00").took("2026-11-02", "60.00", store="S02")
    bank.paid("2026-11-03", "59.10", merchant="").paid("2026-11-03", "90.00", merchant="").paid("2026-11-08", "1.00")

    found = bank.outcomes("store", "came_minor")

    assert found == [
        ("not come", "S01", 0),
        ("not expected", "", 9000),
        ("not expected", "", 100),
        ("as agreed", "S02", 5910),
    ]


def test_lines_of_a_bank_that_no_setting_speaks_of_are_none_of_ours() -> None:
    account = {key: value for key, value in ACQUIRER.items() if key != "merchant"}
    cash = {
        **terms(name="cash", tenders=["CASH"], fees=[{"within": "0.00"}], says=["paid in"]),
        "merchants": {"S01": ["NL01"], "S02": ["NL02"]},
    }
    bank = Bank(cash, statement=account).took("2026-11-02", "629.50", tender="CASH")
    bank.took("2026-11-02", "629.50", tender="CASH", store="S02")
    bank.paid("2026-11-03", "629.50", text="CR CASH PAID IN NL02 ").paid("2026-11-03", "-4500.00", text="SO RENT")
    bank.paid("2026-11-10", "0.50", text="INTEREST").paid("2026-11-10", "1.00", text="PAID IN XNL01")

    found = bank.outcomes("store", "came_minor")

    assert found == [
        ("not come", "S01", 0),
        ("not expected", "", 100),  # another's number
        ("as agreed", "S02", 62950),
        ("not ours", "", -450000),
        ("not ours", "", 50),
    ]


def test_a_fault_of_our_own_sums_is_never_a_report() -> None:
    settled = Bank().took("2026-11-02", "200.00").paid("2026-11-03", "197.00").settle()
    object.__setattr__(settled, "came_minor", settled.came_minor + 1)

    with pytest.raises(SumsDiffer, match=r"acquirer: lines are 197.01, their outcomes 197.00"):
        prove(settled)


def test_the_sample_statements_show_what_is_wrong_with_them_and_nothing_else(tmp_path: Path) -> None:
    truth = write_sample(SampleOrder(out=tmp_path, start=date(2026, 11, 2), receipts=40, stores=3, days=14))
    folder = write_statements(truth)
    company = load_settings(CONFIG).company("northern-larder")
    assert company.bank
    taken = taken_of(facts_of(json.loads(truth.read_text())["stores"]), company)
    wrong = json.loads((folder / "truth.json").read_text())

    found = {}
    for name in ("northpay", "bank"):
        content = {f"{name}.csv": (folder / f"{name}.csv").read_bytes()}
        lines = read_statement(content, company.bank.statements[name], name)
        settled = settle_statement(taken, lines, company.bank, name)
        found[name] = [said(row) for row in settled.of(*FINDINGS).to_pylist()]

    assert found == wrong


def facts_of(stores: dict[str, Any]) -> list[StoreDayFact]:
    """Store-days as the ledger would have them."""
    facts = []
    for store, days in stores.items():
        for day, totals in days.items():
            summary = {
                "tenders": {tender: plain(minor) for tender, minor in totals["tenders"].items()},
                "over_short": {tender: plain(minor) for tender, minor in totals["over_short"].items()},
            }
            of = (store, date.fromisoformat(day), "northern-larder", State.DELIVERED, "")
            facts.append(StoreDayFact(*of, receipts=totals["receipts"], gross_minor=0, tax_minor=0, summary=summary))
    return facts


def said(row: dict[str, Any]) -> dict[str, Any]:
    """A finding as the sample's truth has it."""
    minor = row["off_minor"] or row["came_minor"] or row["gross_minor"]
    day = row["first_day"].isoformat() if row["first_day"] else None
    return {"outcome": row["outcome"], "store": row["store"], "day": day, "minor": minor}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"deposits": [CARDS, {**CARDS, "name": "more"}]}, "deposits: the tender MC stands twice"),
        ({"deposits": [{**CARDS, "statement": "bank"}]}, "deposits.cards.statement: there is no statement 'bank'"),
        ({"statements": {"acquirer": ACQUIRER, "bank": ACQUIRER}}, "statements.bank: no deposit is looked for on it"),
        ({"statements": {"acquirer": {**ACQUIRER, "paid_in": "In"}}}, "say amount, or paid_in and paid_out"),
        ({"statements": {"acquirer": {**ACQUIRER, "text": ["Paid"]}}}, "the column 'Paid' is named twice"),
        ({"deposits": [terms(merchants={"S01": ["1"], "S02": ["1"]})]}, "merchants: '1' stands twice"),
        ({"deposits": [terms(fees=[{"percent": "1", "up_to_percent": "2"}])]}, "up_to_percent is for fees that nobody"),
        ({"deposits": [terms(fees=[{"percent": "1"}, {"percent": "2"}])]}, "fees: they must run from the oldest"),
        ({"deposits": [terms(fees=[{"percent": "100"}])]}, "'100' is not a percentage below 100 with up to 4 decimals"),
        ({"banking_days": {"closed_weekdays": [*WEEK]}}, "closed_weekdays: no day of the week is left"),
        ({"given_up": [{"deposit": "cards", "day": "2026-11-02", "why": "lost"}]}, "no deposit cards of all stores"),
    ],
)
def test_settings_that_say_two_things_are_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(why)):
        BankSettings.model_validate({"statements": {"acquirer": ACQUIRER}, "deposits": [CARDS], **wrong})
