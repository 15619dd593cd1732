"""Acceptance: a period goes through the stand-in Sage, a person signs its report, and production wants that."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from shops import COMPANY, MAPPINGS, OpenShop, Shop, Typed
from storeday.config.uat import questions
from storeday.ledger.ledger import NotSignedOff
from storeday.model.errors import SettingsError
from storeday.model.store_day import State
from storeday.stages import deliver, stage
from storeday.stages.approval import not_delivered
from storeday.stages.stock import deliver_stock, sync_stock
from storeday.stages.uat import Accepted, run_uat, sign
from tills import DAY, Line, Till, no_money, refund, sale, z
from uat_answers import answers, write_answers

CODE = "corner-shops"
BY_HAND = COMPANY.replace("delivery: automatic", "delivery: manual")
PRODUCTION = "environment: production\n"
LIVE = "cutover: 2026-01-01\n"
ANN = {"why": "read it all", "by": "Ann Smith"}


def ran(shop: Shop, first: date = DAY, last: date = DAY) -> Accepted:
    return run_uat(shop.work, CODE, first, last)


def table(made: Accepted, title: str) -> dict[str, Any]:
    """A table of the report's JSON: each row without its first cell, by that cell."""
    said = json.loads(Path(made.page).with_suffix(".json").read_text())
    [found] = [each for each in said["tables"] if each["title"] == title]
    return {row[0]: row[1:] for row in found["rows"]}


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A sandbox with a delivered day: 12.60 and 6.00 of the standard rate sold, 2.40 given back."""
    opened = open_shop(S01=LIVE, company=BY_HAND)
    till = Till("S01")
    opened.send(till.slice("09:00", sale("12.60"), sale("6.00", tender="VISA"), refund("2.40"), z()))
    opened.run()
    deliver(opened.work, CODE, DAY)
    return opened


# The report


def test_the_books_of_the_stand_in_are_held_to_the_lines_of_the_ledger(shop: Shop) -> None:
    answers(shop)

    made = ran(shop)

    # 12.60 + 6.00 - 2.40 = 16.20: net 13.50, tax 2.70; cash 12.60 - 2.40, cards 6.00
    checks = {name: row[1:] for name, row in table(made, "Checks").items()}
    assert {name: checks[name] for name in ("nominal 4000", "nominal 2200", "nominal 1230", "nominal 1250")} == {
        "nominal 4000": ["-13.50", "-13.50"],
        "nominal 2200": ["-2.70", "-2.70"],
        "nominal 1230": ["10.20", "10.20"],
        "nominal 1250": ["6.00", "6.00"],
    }
    assert (checks["VAT box 1"], checks["VAT box 6"]) == (["2.70", "2.70"], ["13.50", "13.50"])
    assert checks["till control account 1235"] == ["0.00", "0.00"]
    assert made.report.bad == ()


def test_a_figure_that_sage_books_otherwise_is_named_with_both_amounts(open_shop: OpenShop) -> None:
    shop = open_shop(S01=LIVE, company=BY_HAND)
    shop.send(Till("S01").slice("09:00", refund("2.40"), z()))
    shop.run()
    answers(shop)
    shop.settle(company=BY_HAND + "sage: {sales_credit_vat: boxes_4_and_7}\n")  # found out after it was staged

    made = ran(shop)

    assert "VAT box 1: 0.00, not -0.40" in made.report.bad
    assert "VAT box 7: 2.00, not 0.00" in made.report.bad


def test_rows_that_the_stand_in_refuses_are_named_with_batch_file_and_line(shop: Shop) -> None:
    [batch] = shop.work.ledger.batches(CODE, DAY)
    shop.settle(company=BY_HAND + "lock_date: 2026-11-30\n")

    made = ran(shop)

    [first, *_] = [said for said in made.report.bad if said.startswith("refused")]
    assert first.startswith(f"refused: batch {batch.id}, transactions.csv: line 2")
    assert "30 Nov 2026" in first or "2026-11-30" in first or "30/11/2026" in first


def test_a_batch_whose_file_somebody_changed_is_not_tried_and_named(shop: Shop) -> None:
    [batch] = shop.work.ledger.batches(CODE, DAY)
    [file] = (shop.home / "outbox").rglob("transactions.csv")
    file.write_bytes(file.read_bytes().replace(b"10.20", b"10.30"))

    made = ran(shop)

    assert f"batch {batch.id}: its files are not those that were staged; stage its day again" in made.report.bad
    assert any(said.startswith("nominal 4000: 0.00, not -13.50") for said in made.report.bad)


def test_a_day_that_is_held_or_missing_keeps_the_report_from_being_signed(shop: Shop) -> None:
    answers(shop)

    made = ran(shop, DAY, date(2026, 11, 23))

    assert made.report.bad == ("not staged: S01 2026-11-23 is expected",)
    with pytest.raises(NotSignedOff, match="can't be signed off:\n  not staged: S01 2026-11-23 is expected"):
        sign(shop.work, CODE, **ANN)


def test_a_period_without_a_batch_is_nothing_to_accept(shop: Shop) -> None:
    made = ran(shop, date(2025, 11, 1), date(2025, 11, 2))

    assert "nothing is staged or delivered in this period: there is nothing to accept" in made.report.bad


def test_drafts_are_tried_as_well(open_shop: OpenShop) -> None:
    shop = open_shop(S01=LIVE, company=BY_HAND)
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()
    answers(shop)

    made = ran(shop)

    assert made.report.bad == ()
    assert [row[2] for row in table(made, "Batches").values()] == ["draft"]


def test_stock_is_held_to_what_the_ledger_moved(open_shop: OpenShop) -> None:
    stock = "stock:\n  first_day: 2026-01-01\n  codes: per_store\n  first_count: book\n"
    shop = open_shop(S01=LIVE, company=BY_HAND + stock)
    shop.send(Till("S01").slice("09:00", sale("12.60", sku="10001"), sale("6.00", sku="10002"), z()))
    shop.run()
    sync_stock(shop.work, CODE, DAY)
    deliver_stock(shop.work, CODE)
    answers(shop)

    made = ran(shop)

    assert made.report.bad == ()
    assert table(made, "Checks")["stock codes whose quantity is another"] == ["✓", "0", "0"]
    assert table(made, "Edge cases")["batch of stock"][1] == "1"


def test_the_same_facts_make_the_same_report_and_it_stays_signed(shop: Shop) -> None:
    answers(shop)
    made = ran(shop)
    sign(shop.work, CODE, **ANN)
    page = Path(made.page).read_bytes()

    again = ran(shop)

    assert (again.fact.digest, again.fact.is_signed, again.page) == (made.fact.digest, True, made.page)
    assert Path(again.page).read_bytes() == page


def test_a_report_that_was_signed_is_not_written_over_by_a_newer_one_of_its_period(shop: Shop) -> None:
    answers(shop)
    made = ran(shop)
    shop.send(Till("S01", first=4, first_z=2).slice("10:00", sale("24.00"), z()))
    shop.run()

    newer = ran(shop)

    assert newer.page != made.page
    assert Path(made.page).exists()


# The catalogue of edge cases


def test_each_edge_case_is_counted_where_it_really_occurred(open_shop: OpenShop) -> None:
    shop = open_shop(S01="tolerances: {cash_rounding: '0.05'}\ncutover: 2026-01-01\n", company=BY_HAND)
    till = Till("S01")
    shop.send(
        till.slice(
            "09:00",
            sale(Line("12.60"), Line("5.25", tax_class="RED")),  # two tax classes
            sale("4.00", tax_class="ZERO", tender={"CASH": "1.00", "VISA": "3.00"}),  # two tenders
            sale("20.00", tax_class="OUT", category="GIFTCARD", tender="VISA"),
            sale("9.00", tender="GIFT"),
            sale("7.20", tender="ACCOUNT", customer="C001"),
            sale(Line("6.00"), Line("-1.20")),  # an exchange
            sale(Line("2.40", discount="0.60", quantity="1.5")),
            refund("2.40"),
            no_money("void"),
            no_money("training"),
            no_money("no_sale"),
            sale("1.02", tender={"CASH": "1.00"}, tax_class="ZERO"),  # two pence rounded off
            z(),
        )
    )
    shop.send(till.slice("12:00", sale("1.20"), z(counted="1.00")))  # twenty pence short, a second close
    shop.run()

    made = ran(shop)

    counted = {case: int(row[1]) for case, row in table(made, "Edge cases").items() if row[1] != "0"}
    assert counted == {
        "sale": 9,
        "refund": 1,
        "exchange: lines above and below zero on one receipt": 1,
        "void": 1,
        "training receipt": 1,
        "no sale": 1,
        "line at the highest rate": 8,
        "line at a reduced rate": 1,
        "line at 0 %, on the return": 2,
        "line outside the scope of VAT (T9)": 1,
        "several tax classes on one receipt": 1,
        "several tenders on one receipt": 1,
        "gift card sold": 1,
        "gift card redeemed": 1,
        "sale on account": 1,
        "discount on a line": 1,
        "quantity that is no whole number": 1,
        "till closed more than once a day": 1,
        "receipt whose cash was rounded": 1,
        "tender counted over or short": 1,
    }
    assert table(made, "Edge cases")["payment on account"][0] == "did not occur: not tried"


def test_corrections_split_files_and_receipts_after_midnight_are_counted(open_shop: OpenShop) -> None:
    shop = open_shop(S01=LIVE, S02=LIVE, company=BY_HAND + "rows_a_file: 1\n")
    till, other = Till("S01"), Till("S02")
    shop.send(till.slice("09:00", sale("12.60"), z()))
    shop.send(other.slice("09:00", sale("12.60"), z()))
    shop.run()
    deliver(shop.work, CODE, DAY)
    late = Till("S01", first=2, first_z=2, day=date(2026, 11, 23)).slice("01:00", sale("24.00"), z())
    shop.send(late)  # before four in the morning: the trading day before
    shop.run()

    made = ran(shop)

    found = table(made, "Edge cases")
    assert found["correction: a store-day in a later batch"][1] == "1"
    assert found["batch cut into several files"][1] == "1"
    assert found["receipt after midnight that belongs to the day before"][:2] == ["S01 2026-11-22", "1"]


# The answers from the real Sage


def test_a_question_that_matters_keeps_the_report_from_being_signed_until_it_is_answered(shop: Shop) -> None:
    answers(shop, leave_out="sage.row_limit")
    open_still = ran(shop)

    with pytest.raises(NotSignedOff, match=r"sage.row_limit was not tried in the real Sage, and it matters: A file of"):
        sign(shop.work, CODE, **ANN)

    answers(shop)
    assert len(open_still.report.bad) == 1
    assert ran(shop).report.bad == ()
    assert sign(shop.work, CODE, **ANN).words.endswith(": signed off by Ann Smith: read it all")


def test_a_question_that_does_not_matter_to_the_company_keeps_nothing(shop: Shop) -> None:
    company = shop.work.settings.company(CODE)

    assert not questions()["sage.stock_quantity"].matters_for(company)  # it stages no stock
    assert not questions()["sage.journal_vat_codes"].matters_for(company)  # its journals are off the return
    shop.settle(company=BY_HAND.replace("profile: bank_receipts", "profile: journal"))
    assert questions()["sage.journal_vat_codes"].matters_for(shop.work.settings.company(CODE))


def test_an_answer_that_the_settings_do_not_follow_is_named_with_both_values(shop: Shop) -> None:
    answers(shop, row_limit=4000)

    made = ran(shop)

    assert made.report.bad == (
        "sage.row_limit is none in company.yaml, and the real Sage wants 4000: change the setting",
    )


def test_the_report_has_each_answer_with_who_found_it_and_when(shop: Shop) -> None:
    answers(shop)

    made = ran(shop)

    found = table(made, "To be tried in the real Sage")
    assert found["sage.reference_size"][:2] == ["30", "30: tried (Ann Smith, 1 Dec 2026)"]
    assert found["vat_return"][:2] == ["", "as expected: tried (Ann Smith, 1 Dec 2026)"]
    assert "real Sage tried: Sage 50 Accounts v31" in made.report.said
    assert table(made, "Good to know of the real Sage")["sage.utf8"][1] == "not tried"


ANSWER = {"question": "sage.row_limit", "found": "4000", "said": "tried", "by": "Ann", "on": "2026-12-01"}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({**ANSWER, "question": "sage.rows"}, "no question 'sage.rows' in docs/uat-checklist.md"),
        ({**ANSWER, "found": "many"}, "found: row_limit: Input should be a valid integer"),
        ({k: v for k, v in ANSWER.items() if k != "found"}, "is a setting: say with found what it must be"),
        ({**ANSWER, "as_expected": "yes"}, "is a setting: say found, and leave as_expected out"),
        ({**ANSWER, "question": "vat_return"}, "is no setting: say with as_expected whether it was so, yes or no"),
        ({**ANSWER, "by": " "}, "by"),
        ({**ANSWER, "on": "soon"}, "on"),
    ],
)
def test_an_answer_that_means_nothing_is_refused_with_its_file(shop: Shop, said: object, fault: str) -> None:
    with pytest.raises(SettingsError) as refused:
        write_answers(shop, {"sage": "v31", "answers": [said]})

    assert "corner-shops/uat-answers.yaml: answers.0" in refused.value.problems[0]
    assert fault in refused.value.problems[0]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"sage": "v31", "answers": [ANSWER, ANSWER]}, "sage.row_limit: answered twice; keep the newest answer"),
        ({"answers": [ANSWER]}, "sage: is missing; say in which version of Sage this was tried"),
    ],
)
def test_answers_that_contradict_each_other_or_name_no_sage_are_refused(shop: Shop, said: object, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        write_answers(shop, said)


# Production wants the signature


def signed_in_the_sandbox(shop: Shop) -> None:
    answers(shop)
    ran(shop)
    sign(shop.work, CODE, **ANN)


def test_production_delivers_nothing_without_a_signature_and_says_what_to_do(shop: Shop) -> None:
    shop.settle(company=BY_HAND + PRODUCTION)
    stage(shop.work, CODE, DAY)

    with pytest.raises(NotSignedOff) as refused:
        deliver(shop.work, CODE, DAY)

    assert str(refused.value) == (
        "corner-shops is in production, and no acceptance report is signed off; nothing was delivered. Take a period "
        "through the stand-in Sage: storeday uat run --company corner-shops --from DAY --to DAY. Then sign its report: "
        "storeday uat sign --company corner-shops --by NAME --why REASON"
    )
    assert shop.state("S01") is State.STAGED


def test_a_run_in_production_without_a_signature_stages_and_says_so(shop: Shop) -> None:
    shop.settle(company=COMPANY + PRODUCTION)

    ran_, said = shop.run()

    assert (ran_.faults, shop.state("S01")) == (0, State.STAGED)
    assert "corner-shops is in production, and no acceptance report is signed off; nothing was delivered" in said
    [why] = not_delivered(shop.work, DAY)
    assert "no acceptance report is signed off" in why


def test_with_a_signature_production_delivers(shop: Shop) -> None:
    signed_in_the_sandbox(shop)
    shop.settle(company=BY_HAND + PRODUCTION)
    stage(shop.work, CODE, DAY)

    delivered = deliver(shop.work, CODE, DAY)

    assert (len(delivered.batches), shop.state("S01")) == (1, State.DELIVERED)


def test_stock_wants_the_signature_as_well(open_shop: OpenShop) -> None:
    stock = "stock:\n  first_day: 2026-01-01\n  codes: shared\n  first_count: book\n"
    shop = open_shop(S01=LIVE, company=BY_HAND + stock + PRODUCTION)
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()
    sync_stock(shop.work, CODE, DAY)

    with pytest.raises(NotSignedOff):
        deliver_stock(shop.work, CODE)


def test_another_profile_or_fact_asks_anew_and_says_what_changed(shop: Shop) -> None:
    signed_in_the_sandbox(shop)
    other = BY_HAND.replace("profile: bank_receipts", "profile: takings_customer")
    shop.settle(company=other + PRODUCTION + "sage: {row_limit: 4000}\n")
    shop.run()

    with pytest.raises(NotSignedOff) as refused:
        deliver(shop.work, CODE, DAY)

    assert "what Ann Smith signed off" in str(refused.value)
    assert "profile was bank_receipts, is takings_customer; sage.row_limit was None, is 4000" in str(refused.value)


def test_another_mapping_or_approval_asks_for_no_new_signature(shop: Shop) -> None:
    signed_in_the_sandbox(shop)
    later = "- valid_from: 2026-12-01\n  why: groceries apart\n  categories: {GROCERY: 4010}\n"
    shop.settle(company=BY_HAND + PRODUCTION + "rows_a_file: 500\n", mappings=MAPPINGS + later)
    shop.run()

    assert len(deliver(shop.work, CODE, DAY).batches) == 1


def test_a_sandbox_delivers_without_a_signature(shop: Shop) -> None:
    assert shop.state("S01") is State.DELIVERED
    assert shop.work.ledger.acceptances(CODE) == []


def test_a_report_is_not_signed_once_the_settings_it_holds_for_are_others(shop: Shop) -> None:
    answers(shop)
    ran(shop)
    shop.settle(company=BY_HAND + "sage: {utf8: accept}\n")

    with pytest.raises(
        NotSignedOff, match=r"the settings changed since the report .*: sage.utf8 was refuse, is accept"
    ):
        sign(shop.work, CODE, **ANN)


def test_a_report_whose_file_somebody_changed_is_not_signed(shop: Shop) -> None:
    answers(shop)
    made = ran(shop)
    file = Path(made.page).with_suffix(".json")
    file.write_bytes(file.read_bytes().replace(b"10.20", b"10.30"))

    with pytest.raises(NotSignedOff, match=r"is not the report .* any more; run it again"):
        sign(shop.work, CODE, **ANN)


def test_the_first_signature_counts(shop: Shop) -> None:
    signed_in_the_sandbox(shop)

    again = sign(shop.work, CODE, why="me too", by="Bo Lee")

    assert (again.signed_by, again.signed_why) == ("Ann Smith", "read it all")


# At the command line


def test_run_list_questions_and_sign_at_the_command_line(shop: Shop, typed: Typed) -> None:
    company = ("--company", CODE)
    period = (*company, "--from", "2026-11-22", "--to", "2026-11-22")

    code, said = typed("uat", "questions", *company)
    assert code == 3
    assert "✗ vat_return: vat_return was not tried in the real Sage, and it matters" in said
    code, said = typed("uat", "run", *period)
    assert code == 3
    assert "✓ 1 batch imported, 4 rows, none refused" in said
    code, said = typed("uat", "sign", *company, "--by", "Ann", "--why", "so")
    assert (code, "can't be signed off" in said) == (1, True)

    answers(shop)
    code, said = typed("uat", "run", *period)
    assert (code, "Read it, then: storeday uat sign --company corner-shops" in said) == (0, True)
    code, said = typed("uat", "sign", *company, "--by", "Ann Smith", "--why", "read it all")
    assert (code, "signed off by Ann Smith: read it all" in said) == (0, True)
    code, said = typed("uat", "list", *company)
    assert code == 0
    assert said.splitlines()[-1] == (
        "corner-shops is sandbox; signed off for the settings of now by Ann Smith: read it all"
    )
    assert typed("uat", "questions", *company)[0] == 0


def test_signing_a_company_without_a_report_is_wrong_use(shop: Shop, typed: Typed) -> None:
    code, said = typed("uat", "sign", "--company", CODE, "--by", "Ann", "--why", "so")

    assert code == 2
    assert "has no acceptance report" in said
