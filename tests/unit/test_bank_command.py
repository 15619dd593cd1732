"""From tills to the bank: `storeday bank` over days that a shop closed, and what it writes beside its table."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from shops import OpenShop, Shop, Typed
from storeday.config.load import load_settings
from storeday.model.differences import BANK_KINDS
from storeday.model.errors import SettingsError
from storeday.model.money import minor_of
from storeday.model.postings import Role
from storeday.stages.alerts import off_in_the_bank
from storeday.stages.bank import banks_watched, hold_to_watched, taken_of
from tills import DAY, Till, refund, sale, z

BANK = """\
statements:
  acquirer: {date: Day, dates: YYYY-MM-DD, amount: Paid, text: [Text], merchant: Merchant}
  account: {date: Day, dates: YYYY-MM-DD, amount: Amount, text: [Text]}
deposits:
- {name: cards, tenders: [VISA], statement: acquirer, lands_on: 1200, settlement: {days_later: 1},
   fees: [{percent: "1", per_payment: "0.10", within: "0.00"}], merchants: {S01: ["111"], S02: ["222"]}}
- {name: cash, tenders: [CASH], statement: account, lands_on: 1200, settlement: {days_later: 1}, says: [paid in]}
"""
MONDAY = DAY + timedelta(days=1)  # DAY is a Sunday
CODE = "corner-shops"


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> Shop:
    """S01 took 100.00 by card in three payments and counted 19.50 of 20.00 in cash; S02 is held."""
    opened = open_shop("S01", "S02")
    till = Till("S01")
    opened.send(
        till.slice(
            "09:00",
            sale("90.00", tender="VISA"),
            sale("12.00", tender="VISA"),
            refund("2.00", tender="VISA"),
            sale("20.00"),
            z(counted="19.50"),
        )
    )
    opened.send(Till("S02").slice("09:00", sale("50.00", tender="VISA", category="UNKNOWN"), z()))
    opened.run()
    (opened.home.parent / "config" / CODE / "bank.yaml").write_text(BANK)
    return opened


def put(folder: Path, name: str, *lines: str) -> str:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_what_is_expected_is_what_the_store_day_posts_to_its_deposit_nominals(shop: Shop) -> None:
    settings = load_settings(shop.home.parent / "config").company(CODE)
    taken = taken_of(shop.work.ledger.store_days(), settings)
    wanted = shop.work.ledger.wanted("S01", DAY)

    posted = {key.nominal: amount.net for key, amount in wanted.items() if key.role is Role.DEPOSIT}

    assert dict(zip(taken["tender"], taken["amount_minor"], strict=True)) == {"CASH": 1950, "VISA": 10000}
    assert dict(zip(taken["tender"], taken["most_payments"], strict=True)) == {"CASH": 1, "VISA": 3}
    assert posted == {"1230": 1950, "1250": 10000}


def test_a_statement_as_agreed_ends_with_nothing_found(shop: Shop, typed: Typed, tmp_path: Path) -> None:
    file = put(tmp_path, "payouts.csv", "Day,Merchant,Text,Paid", f"{MONDAY + timedelta(days=1)},111,Payout,98.70")

    code, said = typed("bank", "--company", CODE, "--file", file)

    assert code == 0
    assert "acquirer, 24 Nov 2026 to 24 Nov 2026: no findings" in said
    assert "matched: 100.00 less 1.30 kept back is 98.70" in said  # 1 % and three payments of 0.10
    assert "not known is what was taken, held: S02 22 Nov\n" in said


def test_what_is_off_is_listed_and_written_where_no_spreadsheet_runs_it(
    shop: Shop, typed: Typed, tmp_path: Path
) -> None:
    tuesday = MONDAY + timedelta(days=1)
    file = put(
        tmp_path,
        "payouts.csv",
        "Day,Merchant,Text,Paid",
        f"{tuesday},111,Payout,88.70",
        f"{tuesday},222,=HYPERLINK(1),-5.00",
    )

    code, said = typed("bank", "--company", CODE, "--file", file)

    assert code == 3
    assert "came short  S01 cards 22 Nov  24 Nov  24 Nov" in said
    assert "11.30 kept back, 1.30 expected: 10.00 too much" in said
    assert "in the bank: 83.70 = 88.70 matched + -5.00 taken back" in said
    report = Path(said.split("written: ")[1].splitlines()[0].strip())
    assert report.is_relative_to(shop.home / "reports" / CODE / "bank")
    with report.open(newline="") as written:
        kept = {row["outcome"]: row for row in csv.DictReader(written)}
    assert kept["taken back"]["text"] == "'=HYPERLINK(1)"
    table = pq.read_table(report.with_suffix(".parquet"))
    assert table.column("came_minor").to_pylist() == [minor_of(row["came"]) for row in kept.values()]


def test_what_was_found_is_kept_until_a_later_statement_settles_it(shop: Shop, typed: Typed, tmp_path: Path) -> None:
    tuesday, wednesday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
    head = "Day,Merchant,Text,Paid"
    early = put(
        tmp_path, "a.csv", head, f"{tuesday},222,Chargeback,-5.00", f"{MONDAY + timedelta(days=6)},222,Fee,-1.00"
    )
    late = put(tmp_path, "b.csv", head, f"{MONDAY + timedelta(days=8)},222,Fee,-2.00")
    found = put(tmp_path, "c.csv", head, f"{wednesday},111,Payout,98.70", f"{MONDAY + timedelta(days=7)},222,Fee,-3.00")

    told = []
    for file in (early, early, late, found):
        typed("bank", "--company", CODE, "--file", file)
        kept = shop.work.ledger.open_differences(CODE, kinds=BANK_KINDS)
        told.append([f"{each.difference.headline()}" for each in kept])

    lost = "S01 2026-11-22 deposit not come: S01 cards 22 Nov, due 24 Nov 2026; ours 100.00, bank 0.00"
    assert told == [
        [
            lost,
            f"S02 {tuesday} taken back by the bank: Chargeback; ours 0.00, bank -5.00",
            "S02 2026-11-29 taken back by the bank: Fee; ours 0.00, bank -1.00",
        ],
        told[0],  # the same statement again
        [lost, "S02 2026-12-01 taken back by the bank: Fee; ours 0.00, bank -2.00"],  # it was due before: still lost
        [
            "S02 2026-11-30 taken back by the bank: Fee; ours 0.00, bank -3.00",
            told[2][1],
        ],  # come, and the newest statement's findings stay
    ]
    assert shop.work.ledger.open_differences(CODE) == []  # none of them is with Sage


def test_a_deposit_that_is_given_up_is_looked_for_no_more(shop: Shop, typed: Typed, tmp_path: Path) -> None:
    file = put(
        tmp_path,
        "payouts.csv",
        "Day,Merchant,Text,Paid",
        f"{MONDAY + timedelta(days=1)},222,x,1.00",
        "2026-12-01,222,x,1.00",
    )
    settings = shop.home.parent / "config" / CODE / "bank.yaml"
    settings.write_text(BANK + f"given_up:\n- {{deposit: cards, store: S01, day: {DAY}, why: stolen terminal}}\n")

    _, said = typed("bank", "--company", CODE, "--file", file)

    settings.write_text(BANK)
    assert "expected: 100.00 = 0.00 matched + 100.00 given up" in said
    assert "not come" not in said


def test_days_that_nobody_knows_are_listed_together(shop: Shop, typed: Typed, tmp_path: Path) -> None:
    file = put(tmp_path, "payouts.csv", "Day,Merchant,Text,Paid", "2026-11-24,111,a,98.70", "2026-11-26,222,b,1.00")

    _, said = typed("bank", "--company", CODE, "--file", file)

    assert "acquirer, 24 Nov 2026 to 26 Nov 2026: 1 finding\n" in said
    assert (
        "not known is what was taken, no file came: S01 21 Nov, 23 Nov to 25 Nov; S02 21 Nov, 23 Nov to 25 Nov" in said
    )


def test_a_range_of_trading_days_leaves_the_others_out(shop: Shop, typed: Typed, tmp_path: Path) -> None:
    file = put(tmp_path, "payouts.csv", "Day,Merchant,Text,Paid", f"{MONDAY + timedelta(days=1)},111,Payout,98.70")

    code, said = typed("bank", "--company", CODE, "--file", file, "--from", MONDAY.isoformat())

    assert code == 3
    assert "not expected" in said
    assert "expected: 0.00 = 0.00 matched" in said


def test_a_file_of_no_statement_is_refused_by_name(typed: Typed, tmp_path: Path) -> None:
    file = put(tmp_path, "wages.csv", "Name,Pay", "A,1.00")

    code, said = typed("bank", "--company", CODE, "--file", file)

    assert code == 2
    assert "wages.csv: no statement of bank.yaml has its columns; say which with --statement" in said


def test_settings_that_do_not_fit_the_company_are_told_all_at_once(shop: Shop) -> None:
    config = shop.home.parent / "config"
    file = config / CODE / "bank.yaml"
    wrong = BANK.replace("tenders: [VISA]", "tenders: [VISA, GIFT, DINERS]").replace("S02: ", "S09: ")
    file.write_text(
        wrong.replace(
            "lands_on: 1200, settlement: {days_later: 1}, says", "lands_on: 1235, settlement: {days_later: 1}, says"
        )
    )

    try:
        with pytest.raises(SettingsError) as refused:
            load_settings(config)
    finally:
        file.write_text(BANK)

    assert refused.value.problems == [
        f"{CODE}/bank.yaml: deposits.cards.tenders: GIFT leads to voucher, not to a bank",
        f"{CODE}/bank.yaml: deposits.cards.tenders: DINERS is in no mapping",
        f"{CODE}/bank.yaml: deposits.cards.merchants: there is no store S09 in this company",
        f"{CODE}/bank.yaml: deposits.cash.lands_on: 1235 is the company's till_control, never a bank's",
    ]


def test_no_store_day_is_checked_again_because_the_banks_settings_changed(shop: Shop) -> None:
    shop.settle()  # reads the settings anew

    _, said = shop.run()

    assert shop.work.settings.company(CODE).bank
    assert "S01 2026-11-22: delivered (nothing new)" in said


def test_files_that_came_to_their_place_are_read_together_and_told_once(shop: Shop, tmp_path: Path) -> None:
    head, tuesday = "Day,Merchant,Text,Paid", MONDAY + timedelta(days=1)
    put(tmp_path, "nov-24.csv", head, f"{tuesday},111,Payout,88.70")
    put(tmp_path, "nov-25.csv", head, f"{tuesday},111,Payout,88.70", f"{MONDAY + timedelta(days=2)},222,Fee,-5.00")
    put(tmp_path, "notes.txt", "not a statement")
    config = shop.home.parent / "config" / CODE / "bank.yaml"
    config.write_text(
        BANK.replace("merchant: Merchant}", f'merchant: Merchant, source: {{kind: folder, path: "{tmp_path}"}}}}')
    )
    shop.settle()

    (report,) = hold_to_watched(shop.work, CODE)

    config.write_text(BANK)
    assert banks_watched(shop.work) == [CODE]
    told = off_in_the_bank(CODE, report.findings)
    assert [f"{each.store} {each.trading_day} {each.reason}" for each in told] == [
        f"S01 {DAY} deposit came short (acquirer cards): expected 98.70, in the bank 88.70",
        f"S02 {MONDAY + timedelta(days=2)} taken back by the bank (acquirer cards): expected 0.00, in the bank -5.00",
    ]
    again = [report.findings for report in hold_to_watched(shop.work, CODE)]
    assert again == [report.findings]
