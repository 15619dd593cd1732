"""What the stand-in Sage refuses, with the line and the reason; and what the settings make it take.

Sources: sage50-uk reference, 1.1 to 1.11, and section 7 for what is open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pytest
from sage_company import balances, company, file_of, imported, reasons, row, table
from storeday.config.sage_facts import SageFacts
from storeday.model.money import plain
from storeday.sage50.rows import HEADER

GOOD = row("BR", "1235", "4000", "100.00", "T1", "20.00")


def br(**others: str) -> list[str]:
    said = {"kind": "BR", "account": "1235", "nominal": "4000", "net": "100.00", "tax_code": "T1", "tax": "20.00"}
    return row(**(said | others))


REFUSED = {
    "an allocated receipt": (br(kind="SR"), "SR can't be imported: use SA and allocate by hand"),
    "an allocated payment": (br(kind="PP"), "use PA"),
    "a discount": (br(kind="SD"), "use SC"),
    "no type": (br(kind="XX"), "'XX' is no type"),
    "an unknown bank": (br(account="1299"), "bank account 1299 does not exist"),
    "a nominal that is no bank": (br(account="4000"), "bank account 4000 does not exist"),
    "an unknown customer": (br(kind="SI", account="CAFE009"), "customer CAFE009 does not exist"),
    "an unknown supplier": (br(kind="PI", account="CAFE001"), "supplier CAFE001 does not exist"),
    "a journal with an account": (row("JD", "1235", "4000", "1.00"), "a journal has no account"),
    "no account": (br(account=""), "the account reference is missing"),
    "an account in lower case": (br(kind="SI", account="cafe001"), "customer cafe001 does not exist"),
    "an account of 9": (br(kind="SI", account="CAFE00123"), "'CAFE00123' is over 8"),
    "an unknown nominal": (br(nominal="4999"), "nominal 4999 does not exist"),
    "a nominal without its zeros": (br(nominal="10"), "nominal 10 does not exist"),
    "letters in a nominal": (br(nominal="40O0"), "nominal '40O0' is not 1 to 8 digits"),
    "a control account": (br(nominal="2200"), "nominal 2200 is a control account"),
    "a receipt into no bank": (row("SA", "CAFE001", "4000", "1.00"), "nominal 4000 of SA is no bank account"),
    "department 1000": (br(department="1000"), "department '1000' is not a whole number"),
    "department 1.0": (br(department="1.0"), "department '1.0'"),
    "a department that is none": (br(department="7"), "department 7 is not set up"),
    "an ISO date": (br(date="2026-11-22"), "date '2026-11-22' is not DD/MM/YYYY"),
    "a date that is none": (br(date="31/11/2026"), "date 31/11/2026 does not exist"),
    "no date": (br(date=""), "the date is missing"),
    "a locked date": (br(date="31/10/2026"), "31/10/2026 is locked: the lock date is 31/10/2026"),
    "a reference of 31": (br(reference="R" * 31), "has 31 characters; it takes 30"),
    "details of 61": (br(details="D" * 61), "has 61 characters; it takes 60"),
    "an extra reference of 31": (br(batch="E" * 31), "extra reference"),
    "a user of 33": (br(user="U" * 33), "user name"),
    "no net": (br(net=""), "net '' is not an amount"),
    "a net of nothing": (br(net="0.00"), "the net amount is 0.00"),
    "nine digits": (br(net="100000000.00"), "net '100000000.00' is not an amount"),
    "three decimals": (br(net="1.005"), "net '1.005' is not an amount"),
    "a negative net": (br(net="-100.00"), "net -100.00 is negative"),
    "an exponent": (br(net="1e3"), "net '1e3' is not an amount"),
    "a currency sign": (br(net="$1.00"), "is not an amount"),
    "T100": (br(tax_code="T100"), "tax code 'T100' is not T0 to T99"),
    "a tax code that is not set up": (br(tax_code="T33"), "tax code T33 is not set up"),
    "tax on a payment": (row("SP", "TAKINGS", "1235", "1.00", "T1"), "SP carries no tax"),
    "tax on a journal": (row("JD", "", "4000", "1.00", "T1", "0.20"), "a journal has its VAT on a line of its own"),
    "no exchange rate": (br(rate=""), "exchange rate ''"),
    "another currency": (br(rate="1.17"), "exchange rate '1.17'"),
    "a project": (br(project="P1"), "project 'P1' or cost code '' does not exist"),
    "a space before a field": (br(details=" Takings"), "a space before or after a field"),
    "letters outside ASCII": (br(details="Café"), "'é' is not ASCII"),
    "a doubled quote": (br(details='"say ""hello"""'), "a double quote inside a field"),
    "a quote that is not closed": (br(details='"Takings'), "a quote is out of place"),
    "a tab": (br(details="Tak\tings"), "details 'Tak\\tings' has a control character"),
    "16 fields": ([*br(), ""], "16 fields; the layout has 15"),
    "9 fields": (br()[:9], "9 fields; the layout has 15"),
    "an empty line": ([""], "1 field; the layout has 15"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_row_is_refused_with_its_line_and_the_reason(name: str) -> None:
    fields, reason = REFUSED[name]
    sage = company()

    done = imported(sage, file_of(GOOD, fields), lock_date=date(2026, 10, 31))

    (said,) = reasons(done)
    assert said.startswith("line 3: ")
    assert reason in said


# All or nothing

HALF_BAD = file_of(GOOD, br(nominal="4999", reference="S02-261122"), GOOD)


def test_one_bad_row_keeps_the_file_out() -> None:
    sage = company()

    done = imported(sage, HALF_BAD)

    assert (done.taken, done.kept_out, len(done.refused)) == (0, 2, 1)
    assert done.refused[0].reference == "S02-261122"
    assert balances(sage) == {}


def test_only_the_bad_row_stays_out_where_sage_turned_out_so() -> None:
    sage = company()

    done = imported(sage, HALF_BAD, SageFacts(all_or_nothing=False))

    assert (done.taken, done.kept_out, len(done.refused)) == (2, 0, 1)
    assert balances(sage) == {"1235": "240.00", "2200": "-40.00", "4000": "-200.00"}


# Journals that do not balance

BY_REFERENCE = (row("JD", "", "1230", "7.00"), row("JC", "", "1235", "7.00", reference="S02-261122"))
BY_DATE = (row("JD", "", "1230", "7.00"), row("JC", "", "1235", "7.00", date="23/11/2026"))


@pytest.mark.parametrize(
    ("rows", "by", "said"),
    [
        (BY_REFERENCE, "per_reference", ["S01-261122: debits 7.00, credits 0.00", "S02-261122: debits 0.00"]),
        (BY_REFERENCE, "per_date", []),
        (BY_DATE, "per_date", ["of 22/11/2026: debits 7.00, credits 0.00", "of 23/11/2026: debits 0.00"]),
        (BY_DATE, "per_file", []),
        (BY_DATE[:1], "per_file", ["the journals of the file: debits 7.00, credits 0.00"]),
    ],
)
def test_journals_balance_over_what_the_settings_say(rows: tuple[list[str], ...], by: str, said: list[str]) -> None:
    sage = company()

    done = imported(sage, file_of(*rows), SageFacts.model_validate({"journal_balance": by}))

    assert len(done.refused) == len(said)
    assert all(reason in refusal for reason, refusal in zip(said, reasons(done), strict=True))
    assert done.taken == (0 if said else len(rows))


def test_a_journal_with_a_bad_leg_is_refused_whole() -> None:
    sage = company()
    legs = (row("JD", "", "1230", "7.00"), row("JC", "", "4999", "7.00"))

    done = imported(sage, file_of(*legs, GOOD), SageFacts(all_or_nothing=False))

    assert [refusal.line for refusal in done.refused] == [2, 3]
    assert balances(sage) == {"1235": "120.00", "2200": "-20.00", "4000": "-100.00"}


# Every fact that is a setting, both ways


@dataclass(frozen=True)
class Fact:
    """A file that is refused as things stand, and taken once the fact is known to be otherwise."""

    otherwise: dict[str, object]
    content: bytes
    then: Callable[[], dict[str, str]]
    rules: dict[str, object] = field(default_factory=dict)


def one(net: int = 100_00, tax: int = 20_00) -> Callable[[], dict[str, str]]:
    """What one receipt leaves, in minor units."""
    said = {"1235": net + tax, "4000": -net, "2200": -tax}
    return lambda: {code: plain(minor) for code, minor in said.items() if minor}


BY_NAME = [HEADER[4], *HEADER[:4], *HEADER[5:]]
FACTS = {
    "payment_tax": Fact(
        {"payment_tax": "accept"},
        file_of(row("SA", "CAFE001", "1235", "10.00", "T1", "2.00")),
        lambda: {"1235": "12.00", "1100": "-12.00", "customer CAFE001": "-12.00"},
    ),
    "journal_tax": Fact(
        {"journal_tax": "ignore"},
        file_of(row("JD", "", "1235", "1.00", "T9", "0.20"), row("JC", "", "4000", "1.00", "T1", "0.20")),
        lambda: {"1235": "1.00", "4000": "-1.00"},
    ),
    "unlisted_tax_code": Fact({"unlisted_tax_code": "accept"}, file_of(br(tax_code="T33")), one()),
    "negative_amounts": Fact(
        {"negative_amounts": "accept"}, file_of(br(net="-100.00", tax="-20.00")), one(-100_00, -20_00)
    ),
    "zero_net": Fact({"zero_net": "accept"}, file_of(br(net="0.00", tax="0.01")), one(0, 1)),
    "amount_separators": Fact({"amount_separators": "accept"}, file_of(br(net='"1,234.56"')), one(1234_56)),
    "empty_exchange_rate": Fact({"empty_exchange_rate": "is_one"}, file_of(br(rate="")), one()),
    "plain_import_takes_journals": Fact(
        {"plain_import_takes_journals": True},
        file_of(row("JD", "", "1235", "1.00"), row("JC", "", "4000", "1.00")),
        lambda: {"1235": "1.00", "4000": "-1.00"},
        {"is_grouped": False},
    ),
    "lock_date_on_import": Fact(
        {"lock_date_on_import": "post"}, file_of(GOOD), one(), {"lock_date": date(2026, 11, 22)}
    ),
    "last_line_without_end": Fact({"last_line_without_end": "accept"}, file_of(GOOD).removesuffix(b"\r\n"), one()),
    "utf8": Fact({"utf8": "accept"}, file_of(br(details="Café")), one()),
    "byte_order_mark": Fact({"byte_order_mark": "accept"}, b"\xef\xbb\xbf" + file_of(GOOD), one()),
    "column_order": Fact(
        {"column_order": "by_name"},
        file_of(BY_NAME, [GOOD[4], *GOOD[:4], *GOOD[5:]], headings=False),
        one(),
    ),
    "more_columns": Fact({"more_columns": "ignore"}, file_of([*GOOD, "GB", "", "F1"]), one()),
    "long_text": Fact({"long_text": "crop"}, file_of(br(details="D" * 61)), one()),
    "account_spelling": Fact(
        {"account_spelling": "crop"},
        file_of(br(kind="SI", account="cafe 001")),
        lambda: {"1100": "120.00", "4000": "-100.00", "2200": "-20.00", "customer CAFE001": "120.00"},
    ),
    "doubled_quotes": Fact({"doubled_quotes": "accept"}, file_of(br(details='"say ""hello"""')), one()),
    "spaces_round_fields": Fact({"spaces_round_fields": "trim"}, file_of(br(account=" 1235 ")), one()),
    "control_nominals_on_bank_rows": Fact(
        {"control_nominals_on_bank_rows": "accept"},
        file_of(br(nominal="2201", tax="0.00")),
        lambda: {"1235": "100.00", "2201": "-100.00"},
    ),
    "unlisted_department": Fact({"unlisted_department": "accept"}, file_of(br(department="7")), one()),
}
STRICTER = {
    "tax_must_fit_rate": (
        {"tax_must_fit_rate": True},
        file_of(br(tax="20.01")),
        "tax 20.01 is not the rate of T1 on net",
    ),
    "reference_size": ({"reference_size": 8}, file_of(GOOD), "reference 'S01-261122' has 10 characters; it takes 8"),
    "extra_reference_size": ({"extra_reference_size": 1}, file_of(GOOD), "extra reference 'B1' has 2 characters"),
    "row_limit": ({"row_limit": 1}, file_of(GOOD, GOOD), "2 rows; one import takes 1"),
}


@pytest.mark.parametrize("name", FACTS)
def test_a_file_is_refused_until_the_fact_is_known_to_be_otherwise(name: str) -> None:
    fact = FACTS[name]
    sage, tried = company(), company()

    refused = imported(sage, fact.content, **fact.rules)
    taken = imported(tried, fact.content, SageFacts.model_validate(fact.otherwise), **fact.rules)

    assert (refused.taken, balances(sage)) == (0, {})
    assert refused.refused
    assert taken.refused == ()
    assert balances(tried) == fact.then()


@pytest.mark.parametrize("name", STRICTER)
def test_a_file_is_taken_until_the_fact_is_known_to_be_otherwise(name: str) -> None:
    stricter, content, reason = STRICTER[name]
    sage, tried = company(), company()

    taken = imported(sage, content)
    refused = imported(tried, content, SageFacts.model_validate(stricter))

    assert taken.refused == ()
    assert any(reason in said for said in reasons(refused))
    assert balances(tried) == {}


def test_whether_a_reference_that_is_there_is_refused_is_a_setting() -> None:
    facts = SageFacts(duplicate_reference="refuse")
    sage = company()

    first = imported(sage, file_of(GOOD, GOOD), facts)
    again = imported(sage, file_of(GOOD), facts)

    assert (first.taken, again.taken) == (2, 0)
    assert reasons(again) == ["line 2: reference S01-261122 of BR 22/11/2026 is there already"]


# What is taken without a word


@pytest.mark.parametrize("text", ["22/11/2026", "22112026", "221126"])
def test_dates_come_in_three_forms(text: str) -> None:
    sage = company()

    imported(sage, file_of(br(date=text)))

    assert table(sage, "AUDIT_SPLIT", "DATE") == [("2026-11-22",)]


def test_a_blank_date_is_the_program_date() -> None:
    sage = company()

    imported(sage, file_of(br(date="")), program_date=date(2026, 12, 1))

    assert table(sage, "AUDIT_HEADER", "DATE") == [("2026-12-01",)]


def test_headings_and_the_columns_after_the_tenth_may_be_left_out() -> None:
    facts = SageFacts(empty_exchange_rate="is_one")
    sage = company()

    done = imported(sage, file_of(GOOD[:10], headings=False), facts)

    assert (done.taken, done.refused) == (1, ())
    assert balances(sage) == {"1235": "120.00", "4000": "-100.00", "2200": "-20.00"}


def test_other_headings_keep_the_file_out() -> None:
    sage = company()

    done = imported(sage, file_of(GOOD).replace(b"Net Amount", b"Net"))

    assert reasons(done) == ["line 1: heading 8 is 'Net': not the template's columns in their order"]
