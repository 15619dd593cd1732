"""What the stand-in Sage books for each type of row, against double entries written down by hand.

Sources: sage50-uk reference, 1.4, 1.5, 1.7, 1.9. A debit is positive.
"""

from __future__ import annotations

import pytest
from sage_company import balances, boxes, company, file_of, imported, row, table, trial_balance
from storeday.config.sage_facts import SageFacts
from storeday.model.money import minor_of, plain

TRADE = {
    # bank rows: the account is the bank
    "BR": (
        row("BR", "1235", "4000", "100.00", "T1", "20.00"),
        {"1235": 120, "4000": -100, "2200": -20},
        {1: 20, 6: 100},
    ),
    "CR": (row("CR", "1230", "4000", "100.00", "T5", "5.00"), {"1230": 105, "4000": -100, "2200": -5}, {1: 5, 6: 100}),
    "VR": (row("VR", "1250", "4000", "100.00", "T0", "0.00"), {"1250": 100, "4000": -100}, {6: 100}),
    "BP": (row("BP", "1200", "5000", "50.00", "T1", "10.00"), {"1200": -60, "5000": 50, "2201": 10}, {4: 10, 7: 50}),
    "CP": (row("CP", "1230", "5000", "50.00", "T0", "0.00"), {"1230": -50, "5000": 50}, {7: 50}),
    "VP": (row("VP", "1250", "5000", "50.00", "T9", "0.00"), {"1250": -50, "5000": 50}, {}),
    # customers: debtors 1100
    "SI": (
        row("SI", "CAFE001", "4001", "40.00", "T1", "8.00"),
        {"1100": 48, "4001": -40, "2200": -8, "customer CAFE001": 48},
        {1: 8, 6: 40},
    ),
    "SC": (
        row("SC", "TAKINGS", "4000", "20.00", "T1", "4.00"),
        {"1100": -24, "4000": 20, "2200": 4, "customer TAKINGS": -24},
        {1: -4, 6: -20},
    ),
    "SA": (row("SA", "CAFE001", "1235", "48.00"), {"1235": 48, "1100": -48, "customer CAFE001": -48}, {}),
    "SP": (row("SP", "TAKINGS", "1235", "24.00"), {"1235": -24, "1100": 24, "customer TAKINGS": 24}, {}),
    # suppliers: creditors 2100
    "PI": (row("PI", "MILL01", "5000", "30.00", "T1", "6.00"), {"2100": -36, "5000": 30, "2201": 6}, {4: 6, 7: 30}),
    "PC": (row("PC", "MILL01", "5000", "30.00", "T1", "6.00"), {"2100": 36, "5000": -30, "2201": -6}, {4: -6, 7: -30}),
    "PA": (row("PA", "MILL01", "1200", "36.00"), {"2100": 36, "1200": -36}, {}),
    "PR": (row("PR", "MILL01", "1200", "36.00"), {"2100": -36, "1200": 36}, {}),
    # other tax codes
    "exempt": (row("BR", "1235", "4000", "9.00", "T2", "0.00"), {"1235": 9, "4000": -9}, {6: 9}),
    "to the EC": (
        row("SI", "CAFE001", "4000", "70.00", "T4", "0.00"),
        {"1100": 70, "4000": -70, "customer CAFE001": 70},
        {6: 70, 8: 70},
    ),
    "from the EC": (row("PI", "MILL01", "5000", "70.00", "T7", "0.00"), {"2100": -70, "5000": 70}, {7: 70, 9: 70}),
    "off the return": (row("BR", "1235", "4000", "9.00", "T9", "0.00"), {"1235": 9, "4000": -9}, {}),
}


@pytest.mark.parametrize("name", TRADE)
def test_a_row_books_this_double_entry_and_these_boxes(name: str) -> None:
    fields, entry, vat = TRADE[name]
    sage = company()

    done = imported(sage, file_of(fields))

    assert (done.taken, done.refused) == (1, ())
    assert balances(sage) == {account: plain(100 * amount) for account, amount in entry.items()}
    assert boxes(sage) == {box: plain(100 * amount) for box, amount in vat.items()}
    assert trial_balance(sage) == 0


# Journals: by side, nominal and tax code (reference, 1.9)

JOURNALS = {
    "credit on the tax control, T1": (("JC", "2200", "T1"), {1: "20.00"}),
    "debit on the tax control, T1": (("JD", "2200", "T1"), {4: "20.00"}),
    "debit on the purchase tax control, T1": (("JD", "2201", "T1"), {4: "20.00"}),
    "credit on sales, T1": (("JC", "4000", "T1"), {6: "20.00"}),
    "credit on sales, T0": (("JC", "4000", "T0"), {6: "20.00"}),
    "debit on sales, T2": (("JD", "4000", "T2"), {7: "20.00"}),
    "debit on the bank, T1": (("JD", "1250", "T1"), {7: "20.00"}),
    "T4": (("JC", "4000", "T4"), {8: "20.00"}),
    "T7": (("JD", "5000", "T7"), {9: "20.00"}),
    "T9": (("JC", "2200", "T9"), {}),
    "T5, which is unproven": (("JC", "4000", "T5"), {}),
    "T5 on the tax control": (("JC", "2200", "T5"), {}),
}


def journal(kind: str, nominal: str, tax_code: str) -> bytes:
    other = "JD" if kind == "JC" else "JC"
    return file_of(row(kind, "", nominal, "20.00", tax_code), row(other, "", "8206", "20.00"))


@pytest.mark.parametrize("name", JOURNALS)
def test_a_journal_moves_this_box_and_never_lowers_one(name: str) -> None:
    line, vat = JOURNALS[name]
    sage = company()

    imported(sage, journal(*line))

    sign = "-" if line[0] == "JC" else ""
    other = "" if sign else "-"
    assert balances(sage) == {line[1]: f"{sign}20.00", "8206": f"{other}20.00"}
    assert boxes(sage) == vat


def test_t5_on_journals_reaches_the_return_where_the_company_tried_it() -> None:
    facts = SageFacts(journal_vat_codes=("T0", "T1", "T2", "T5"))
    sage = company()

    imported(sage, journal("JC", "4000", "T5"), facts)
    imported(sage, journal("JC", "2200", "T5"), facts)

    assert boxes(sage) == {1: "20.00", 6: "20.00"}


@pytest.mark.parametrize(
    ("fact", "fields", "vat"),
    [
        ({"bank_payment_vat": "lowers_1_and_6"}, row("BP", "1235", "4000", "20.00", "T1", "4.00"), {1: -4, 6: -20}),
        ({"sales_credit_vat": "boxes_4_and_7"}, row("SC", "TAKINGS", "4000", "20.00", "T1", "4.00"), {4: 4, 7: 20}),
    ],
)
def test_what_a_refund_does_to_the_return_is_a_setting(
    fact: dict[str, str], fields: list[str], vat: dict[int, int]
) -> None:
    sage = company()

    imported(sage, file_of(fields), SageFacts.model_validate(fact))

    assert boxes(sage) == {box: plain(100 * amount) for box, amount in vat.items()}


def test_tax_is_taken_as_given_and_blank_is_t0_without_tax() -> None:
    sage = company()

    imported(sage, file_of(row("BR", "1235", "4000", "10.00", "T1", "1.37"), row("BR", "1235", "4000", "5.00", "", "")))

    assert balances(sage) == {"1235": "16.37", "2200": "-1.37", "4000": "-15.00"}
    assert table(sage, "AUDIT_SPLIT", "TAX_CODE", "TAX_AMOUNT") == [("T1", "1.37"), ("T0", "0.00")]


def test_one_invoice_is_three_rows_of_the_double_entry() -> None:
    sage = company()

    imported(sage, file_of(row("SI", "CAFE001", "4001", "40.00", "T1", "8.00")))

    assert table(sage, "AUDIT_JOURNAL", "NOMINAL_CODE", "AMOUNT", "ACCOUNT_REF", "INV_REF", "EXTRA_REF") == [
        ("1100", "48.00", "CAFE001", "S01-261122", "B1"),
        ("4001", "-40.00", "CAFE001", "S01-261122", "B1"),
        ("2200", "-8.00", "CAFE001", "S01-261122", "B1"),
    ]
    assert table(sage, "AUDIT_VAT", "VAT_BOX", "AMOUNT", "AMOUNT_INVOICE", "AMOUNT_BANK", "NOMINAL_CODE") == [
        (6, "40.00", "40.00", "0.00", "4001"),
        (1, "8.00", "8.00", "0.00", "2200"),
    ]


def test_leading_zeros_are_another_nominal() -> None:
    sage = company()

    imported(sage, file_of(row("BP", "1200", "0010", "50.00")))

    assert balances(sage) == {"0010": "50.00", "1200": "-50.00"}


def doubled(amount: str) -> str:
    return plain(2 * minor_of(amount))


def test_the_same_file_twice_doubles_everything() -> None:
    content = file_of(row("BR", "1235", "4000", "100.00", "T1", "20.00"), row("SP", "TAKINGS", "1235", "24.00"))
    sage = company()

    imported(sage, content)
    once, vat = balances(sage), boxes(sage)
    imported(sage, content)

    assert balances(sage) == {account: doubled(amount) for account, amount in once.items()}
    assert boxes(sage) == {box: doubled(amount) for box, amount in vat.items()}


# Headers: what stands under one (reference, 1.8)

THREE_BR = [row("BR", "1235", "4000", net, "T0", "0.00") for net in ("1.00", "2.00", "3.00")]


def headers(*rows: list[str], facts: SageFacts | None = None, is_grouped: bool = True) -> list[tuple[object, ...]]:
    sage = company()
    done = imported(sage, file_of(*rows), facts, is_grouped=is_grouped)
    found = table(sage, "AUDIT_HEADER", "TYPE", "ITEM_COUNT", "GROSS_AMOUNT")
    assert done.headers == len(found)
    return found


def test_grouped_puts_one_account_date_and_reference_under_one_header() -> None:
    other_day = row("BR", "1235", "4000", "4.00", "T0", date="23/11/2026")
    other_reference = row("BR", "1235", "4000", "5.00", "T0", date="23/11/2026", reference="S02-261123")

    found = headers(*THREE_BR, other_day, other_reference)

    assert found == [("BR", 3, "6.00"), ("BR", 1, "4.00"), ("BR", 1, "5.00")]


def test_plain_makes_a_header_a_row() -> None:
    found = headers(*THREE_BR, is_grouped=False)

    assert found == [("BR", 1, "1.00"), ("BR", 1, "2.00"), ("BR", 1, "3.00")]


def test_whether_the_type_is_part_of_the_group_is_a_setting() -> None:
    rows = (row("SC", "TAKINGS", "4000", "20.00", "T1", "4.00"), row("SP", "TAKINGS", "1235", "24.00"))

    apart, together = headers(*rows), headers(*rows, facts=SageFacts(group_by_type=False))

    assert apart == [("SC", 1, "-24.00"), ("SP", 1, "24.00")]
    assert together == [("SC", 2, "0.00")]


def test_a_journal_is_one_group_of_debits_and_credits() -> None:
    found = headers(row("JD", "", "1230", "7.00"), row("JC", "", "1235", "7.00"))

    assert found == [("JD", 2, "0.00")]


def test_whether_rows_that_stand_apart_are_one_group_is_a_setting() -> None:
    rows = (THREE_BR[0], row("BR", "1230", "4000", "9.00", "T0"), THREE_BR[1])

    apart, together = headers(*rows), headers(*rows, facts=SageFacts(groups_must_stand_together=False))

    assert apart == [("BR", 1, "1.00"), ("BR", 1, "9.00"), ("BR", 1, "2.00")]
    assert together == [("BR", 2, "3.00"), ("BR", 1, "9.00")]
