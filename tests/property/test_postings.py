"""Any day of receipts: its postings balance, prove, come once, and are what Sage takes.

200 examples a property on a desk, 500 in CI (the environment variable CI), 20 for each mutant (`make mutants`).
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pytest
from figures import (
    BESIDE_SALES,
    CODES,
    COMPANIES,
    COMPANY,
    DAY,
    MAPPING,
    STORE,
    TAKINGS,
    TILL_CONTROL,
    Line,
    Receipt,
    TradingDay,
    batch_of,
    booked,
    correction,
    figures_of,
    staged,
    store,
    trial_balance,
    wanted,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from storeday.config.sage_facts import SageFacts
from storeday.config.settings import Company, Store
from storeday.model.postings import Amount, Lines, PostingKey, Role, difference, summed
from storeday.model.tables import FILE, RECEIPT_ROW, SCHEMAS, Tables
from storeday.model.tax import LineTax, TaxKind
from storeday.postings.day_sums import sum_up
from storeday.postings.wanted import prove, till_control, wanted_lines
from storeday.sage50.batch import Batch
from storeday.sage50.proof import ProofFailed, prove_day
from storeday.sage50.rows import Row
from storeday.sage50.uk_rules import Masters, problems_in
from storeday.sage50.vat_boxes import till_control_of, vat_boxes

settings.register_profile("desk", max_examples=200, deadline=None)
settings.register_profile("in-ci", settings.get_profile("ci"), max_examples=500)
settings.register_profile("few", max_examples=20, deadline=None, database=None, derandomize=True)  # once a mutant
often = settings.get_profile(os.environ.get("STOREDAY_EXAMPLES") or ("in-ci" if os.environ.get("CI") else "desk"))

RATES_BP = {"T0": 0, "T1": 2000, "T2": 0, "T5": 500, "T9": 0}
RATES = {"STD": 20, "RED": 5, "ZERO": 0, "EXEMPT": 0, "OUT": 0}
TILLS = ("01", "02")

Part = TypeVar("Part")


def tax_within(gross: int, tax_class: str) -> int:
    """The tax within a gross, half a penny up."""
    rate = RATES[tax_class]
    return (2 * gross * rate + 100 + rate) // (2 * (100 + rate))


def receipt_of(
    goods: list[tuple[str, str, int]],
    tenders: list[str],
    shares: tuple[int, int],
    rounding: int,
    is_refund: bool,
    customer: str,
    till: str,
) -> Receipt:
    """A receipt of goods; what the first tender doesn't pay, by ``shares`` in percent, the others do.

    Where the first is cash the total is rounded.
    """
    lines = tuple(
        Line(category, tax_class, gross, tax_within(gross, tax_class))
        for category, tax_class, gross in (
            (category, "OUT" if category in BESIDE_SALES else tax_class, gross) for category, tax_class, gross in goods
        )
    )
    left, paid = sum(line.gross for line in lines), []
    for tender, share in zip(tenders[1:], shares, strict=False):
        paid.append((tender, left * share // 100))
        left -= left * share // 100
    first = left + (rounding if tenders[0] == "CASH" else 0)
    return Receipt(lines, ((tenders[0], first), *paid), is_refund, customer, till)


CATEGORIES = st.sampled_from(sorted(MAPPING.known_categories))
GOODS = st.tuples(CATEGORIES, st.sampled_from(list(RATES)), st.integers(1, 500_00))
SHARES = st.integers(0, 100)


def receipts(goods: st.SearchStrategy[list[tuple[str, str, int]]]) -> st.SearchStrategy[Receipt]:
    """Sales and refunds of such goods, paid in any way."""
    return st.builds(
        receipt_of,
        goods,
        st.lists(st.sampled_from(sorted(MAPPING.tenders)), min_size=1, max_size=3, unique=True),
        st.tuples(SHARES, SHARES),
        st.integers(-4, 4),
        st.booleans(),
        st.sampled_from(sorted(MAPPING.customers)),
        st.sampled_from(TILLS),
    )


def trading_days(receipts: st.SearchStrategy[Receipt]) -> st.SearchStrategy[TradingDay]:
    """Days of such receipts, an empty one too, with any drawer over or short."""
    counted = st.tuples(st.sampled_from(TILLS), st.sampled_from(sorted(MAPPING.tenders)))
    return st.builds(
        TradingDay,
        st.lists(receipts, max_size=6).map(tuple),
        st.dictionaries(counted, st.integers(-50_00, 50_00), max_size=3),
    )


DAYS = trading_days(receipts(st.lists(GOODS, min_size=1, max_size=4)))
LEVEL_DAYS = trading_days(receipts(st.lists(GOODS, min_size=1, max_size=1)))
"""Days whose tax is near the rate even where lines are rounded: a receipt is one line."""


def any_lines() -> st.SearchStrategy[Lines]:
    """Posting lines of any sign, whether or not a day could want them; tax only where there is a rate."""
    amounts = st.integers(-99_999_99, 99_999_99)
    sold = st.sampled_from(
        [PostingKey(Role.SALES, nominal, 1, code, "", "") for nominal in ("4000", "4001") for code in ("T1", "T5")]
    )
    sales = st.tuples(sold, st.builds(Amount, amounts, amounts | st.integers(-3, 3)))
    others = st.sampled_from(
        [
            PostingKey(Role.DEPOSIT, "1230", 1, "T9", "", ""),
            PostingKey(Role.VOUCHER, "2150", 1, "T9", "", ""),
            PostingKey(Role.ACCOUNT, TILL_CONTROL, 1, "T9", "CAFE001", ""),
            PostingKey(Role.OVER_SHORT, "8206", 1, "T9", "", "CASH"),
            PostingKey(Role.ROUNDING, "8207", 1, "T9", "", ""),
        ]
    )
    return st.lists(sales | st.tuples(others, st.builds(Amount, amounts, st.just(0))), max_size=8).map(summed)


BOTH = pytest.mark.parametrize(
    "company", [COMPANIES["bank_receipts"], COMPANIES["takings_customer"]], ids=["bank", "customer"]
)
"""The profiles that take any day; journals take those that lower no VAT box."""


def rows_of(day: TradingDay, company: Company = COMPANY) -> list[Row]:
    return prove_day(staged(wanted(day, company=company), company=company)).rows


@BOTH
@often
@given(day=DAYS)
def test_till_control_account_and_takings_customer_end_at_nothing(company: Company, day: TradingDay) -> None:
    lines = wanted(day, company=company)

    rows = prove_day(staged(lines, company=company)).rows

    sage = booked(rows)
    assert prove(lines, figures_of(day)) == []
    assert till_control(lines) == till_control_of(rows, TILL_CONTROL) == sage[TILL_CONTROL] == 0
    assert sage[f"customer {TAKINGS}"] == 0
    assert trial_balance(sage) == 0


def boxes_of(day: TradingDay) -> dict[int, int]:
    """What the receipts ask of the VAT return, line by line."""
    vatable = [
        (receipt.sign * line.gross, receipt.sign * line.tax)
        for receipt in day.receipts
        for line in receipt.lines
        if line.category not in BESIDE_SALES and CODES[line.tax_class] != "T9"
    ]
    tax = sum(tax for _, tax in vatable)
    return {1: tax, 4: 0, 6: sum(gross for gross, _ in vatable) - tax, 7: 0}


@BOTH
@often
@given(day=DAYS)
def test_the_vat_return_moves_by_the_tax_and_net_of_the_receipts(company: Company, day: TradingDay) -> None:
    rows = rows_of(day, company)

    boxes = vat_boxes(rows, ())

    assert boxes == boxes_of(day)


TRIED = COMPANIES["journal"].model_copy(update={"sage": SageFacts(journal_vat_codes=("T0", "T1", "T2", "T5"))})
"""A company that posts by journals and has tried T5 on one."""


@often
@given(DAYS)
def test_journals_prove_or_the_day_is_held_with_the_reason(day: TradingDay) -> None:
    lines = wanted(day, company=TRIED)
    lowers = any(key.role.is_sale and key.tax_code != "T9" and (a.net < 0 or a.tax < 0) for key, a in lines.items())

    if lowers:
        with pytest.raises(ProofFailed, match="use the profile bank_receipts or takings_customer"):
            prove_day(staged(lines, company=TRIED))
        return
    rows = prove_day(staged(lines, company=TRIED)).rows

    sage = booked(rows)
    assert vat_boxes(rows, TRIED.sage.journal_vat_codes) == boxes_of(day)
    assert sage == expected_in_sage(day)
    assert trial_balance(sage) == 0


def test_a_code_that_nobody_tried_on_a_journal_holds_the_day_and_says_how_to_free_it() -> None:
    company = COMPANIES["journal"]
    day = TradingDay((Receipt((Line("GROCERY", "RED", 21_00, 1_00),), (("CASH", 21_00),)),))

    with pytest.raises(ProofFailed, match=r"try T5 on a journal in Sage and add it to sage\.journal_vat_codes"):
        prove_day(staged(wanted(day, company=company), company=company))


def test_a_refund_day_by_journal_is_held_since_it_would_raise_box_7() -> None:
    company = COMPANIES["journal"]
    day = TradingDay((Receipt((Line("GROCERY", "STD", 12_00, 2_00),), (("CASH", 12_00),), is_refund=True),))

    with pytest.raises(ProofFailed, match=r"box 7 10\.00, tills 0\.00\. journals never lower a VAT box"):
        prove_day(staged(wanted(day, company=company), company=company))


def expected_in_sage(day: TradingDay) -> Counter[str]:
    """What each nominal and customer gets, receipt by receipt and drawer by drawer."""
    expected: Counter[str] = Counter()
    for receipt in day.receipts:
        expected["8207"] -= receipt.taken - receipt.gross
        for line in receipt.lines:
            if line.category == "PAIDOFF":
                expected["1100"] -= receipt.sign * line.gross
                expected[f"customer {MAPPING.customers[str(receipt.customer)]}"] -= receipt.sign * line.gross
                continue
            nominal = {**MAPPING.categories, **MAPPING.movements, "GIFTCARD": "2150"}[line.category]
            expected[nominal] -= receipt.sign * (line.gross - line.tax)
            expected["2200"] -= receipt.sign * line.tax
        for tender, amount in receipt.tenders:
            if tender == "ACCOUNT":
                expected["1100"] += receipt.sign * amount
                expected[f"customer {MAPPING.customers[str(receipt.customer)]}"] += receipt.sign * amount
            else:
                expected["2150" if tender == "GIFT" else MAPPING.tenders[tender]] += receipt.sign * amount
    for (_, tender), over in day.over.items():
        if tender != "ACCOUNT":
            expected["2150" if tender == "GIFT" else MAPPING.tenders[tender]] += over
            expected["8206"] -= over
    return Counter({account: minor for account, minor in expected.items() if minor})


@BOTH
@often
@given(day=DAYS)
def test_each_nominal_gets_what_the_receipts_and_drawers_say(company: Company, day: TradingDay) -> None:
    rows = rows_of(day, company)

    sage = booked(rows)

    assert sage == expected_in_sage(day)


@often
@given(DAYS)
def test_what_is_delivered_as_wanted_is_not_staged_again(day: TradingDay) -> None:
    delivered = wanted(day)

    left = difference(wanted(day), delivered)

    assert left == {}


@BOTH
@often
@given(days=st.lists(DAYS, min_size=1, max_size=4))
def test_deliveries_add_up_to_what_was_wanted_last(company: Company, days: list[TradingDay]) -> None:
    delivered: Lines = {}
    sage: Counter[str] = Counter()

    for revision, day in enumerate(days, start=1):
        proven = prove_day(correction(day, delivered, revision=revision, company=company))
        delivered = summed([*delivered.items(), *proven.staged.lines.items()])
        sage.update(booked(proven.rows))

    assert delivered == wanted(days[-1], company=company)
    assert {account: minor for account, minor in sage.items() if minor} == booked(rows_of(days[-1], company))


@BOTH
@often
@given(days=st.lists(DAYS, min_size=1, max_size=3))
def test_rolling_back_leaves_every_nominal_and_every_box_at_nothing(company: Company, days: list[TradingDay]) -> None:
    delivered: Lines = {}
    rows: list[Row] = []

    for revision, day in enumerate([*days, TradingDay()], start=1):
        proven = prove_day(correction(day, delivered, revision=revision, company=company))
        delivered = summed([*delivered.items(), *proven.staged.lines.items()])
        rows += proven.rows

    assert delivered == {}
    assert booked(rows) == {}
    assert vat_boxes(rows, ()) == {1: 0, 4: 0, 6: 0, 7: 0}


@BOTH
@often
@given(days=st.tuples(LEVEL_DAYS, LEVEL_DAYS, LEVEL_DAYS), random=st.randoms(use_true_random=True))
def test_the_order_of_what_comes_in_never_changes_a_byte(
    company: Company, days: tuple[TradingDay, ...], random: Random
) -> None:
    shops = (STORE, store("S02", "Durham", 2), store("S10", "Hexham", 10))
    pairs = list(zip(days, shops, strict=True))
    mixed = [
        (TradingDay(mixed_up(day.receipts, random), dict(mixed_up(day.over.items(), random))), s) for day, s in pairs
    ]

    def batch(pairs: Iterable[tuple[TradingDay, Store]]) -> Batch:
        each = (staged(wanted(day, shop, company), of=shop, company=company) for day, shop in pairs)
        return batch_of(*each, receipts=6, company=company)

    one, other = batch(pairs), batch(mixed_up(mixed, random))

    assert other.files["transactions.csv"] == one.files["transactions.csv"]
    assert (other.id, other.digest) == (one.id, one.digest)


def mixed_up(parts: Iterable[Part], random: Random) -> tuple[Part, ...]:
    """The same parts in another order."""
    shuffled = list(parts)
    random.shuffle(shuffled)
    return tuple(shuffled)


@BOTH
@often
@given(lines=any_lines())
def test_no_row_is_negative_or_without_a_net(company: Company, lines: Lines) -> None:
    control = till_control(lines)
    square = summed([*lines.items(), (PostingKey(Role.DEPOSIT, "1250", 1, "T9", "", ""), Amount(control, 0))])

    rows = prove_day(staged(square, company=company)).rows

    assert all(row.net_minor > 0 and row.tax_minor >= 0 for row in rows)
    assert {row.type for row in rows} <= {"BR", "SI", "SC", "SP", "SA", "JD", "JC"}


@BOTH
@often
@given(day=LEVEL_DAYS)
def test_what_is_written_passes_the_validator_and_reads_back_as_the_rows(company: Company, day: TradingDay) -> None:
    batch = batch_of(staged(wanted(day, company=company), company=company), receipts=len(day.receipts), company=company)

    read = list(csv.DictReader(io.StringIO(batch.files["transactions.csv"].decode("ascii"), newline="")))

    assert [(r["Type"], r["Nominal A/C Ref"], r["Net Amount"], r["Tax Amount"]) for r in read] == [
        (row.type, row.nominal, f"{row.net_minor / 100:.2f}", f"{row.tax_minor / 100:.2f}") for row in batch.rows
    ]
    assert all(r["Extra Reference"] == batch.id for r in read)


def test_a_day_whose_tenders_do_not_pay_for_its_receipts_is_held_with_the_amount() -> None:
    receipt = Receipt((Line("GROCERY", "STD", 12_00, 2_00),), (("VISA", 12_00),))
    sums = replace(figures_of(TradingDay((receipt,))), taken={"VISA": 11_80})
    lines = wanted_lines(sums, MAPPING, STORE, COMPANY.accounts)

    holds = prove(lines, sums)

    assert [(h.check, h.out_by_minor) for h in holds] == [("the till control account does not end at 0.00", 20)]
    with pytest.raises(ProofFailed, match=r"the till control account would end at 0\.20"):
        prove_day(staged(lines))


def test_a_day_that_sells_a_gift_card_with_tax_is_held_since_the_tax_would_be_lost() -> None:
    day = TradingDay((Receipt((Line("GIFTCARD", "STD", 12_00, 2_00),), (("VISA", 12_00),)),))

    holds = prove(wanted(day), figures_of(day))

    assert [(h.check, h.out_by_minor) for h in holds] == [("the tax to be posted is not that of the receipts", -2_00)]


def test_a_day_of_nothing_but_99_pence_articles_can_be_staged() -> None:
    three = tuple(Line("GROCERY", "STD", 99, tax_within(99, "STD")) for _ in range(3))
    day = TradingDay(tuple(Receipt(three, (("VISA", 2_97),)) for _ in range(10)))

    batch = batch_of(staged(wanted(day)), receipts=10, lines=30)

    assert batch.rows[0].tax_minor == 5_10


@often
@given(DAYS)
def test_the_figures_of_the_tables_are_those_of_the_receipts(day: TradingDay) -> None:
    tables = tables_of(day)

    sums = sum_up(tables, tax_of(tables), MAPPING, [receipt.taken - receipt.gross for receipt in day.receipts])

    expected = figures_of(day)
    figures = "receipts sales_minor refunds_minor tax_minor gross_minor beside_sales_minor rounding_minor"
    for name in [*figures.split(), "taken", "moved", "paid_off"]:
        assert getattr(sums, name) == getattr(expected, name), name
    assert sums.over_short == expected.over_short
    assert sums.on_account == expected.on_account
    assert sorted(map(tuple, sums.sold.to_numpy())) == sorted(map(tuple, expected.sold.to_numpy()))


def tax_of(tables: Tables) -> LineTax:
    """The tax kinds of lines whose classes all stand for one code and rate."""
    kinds = [TaxKind(tax.code, tax.rate_bp, "") for tax in MAPPING.tax_classes.values()]
    place = {name: number for number, name in enumerate(MAPPING.tax_classes)}
    found = [place[name] for name in tables.lines.column("tax_class").to_pylist()]
    return LineTax(tuple(kinds), np.array(found, dtype=np.int64))


def tables_of(day: TradingDay) -> Tables:
    """The canonical tables of a day, as they are once a store-day is put together."""
    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    names = [
        {"till": r.till, "receipt": f"{n:06d}", "trading_day": DAY, "file_line": 2} for n, r in enumerate(day.receipts)
    ]
    taken: Counter[tuple[str, str]] = Counter()
    for receipt in day.receipts:
        for tender, amount in receipt.tenders:
            taken[receipt.till, tender] += receipt.sign * amount
    found = {
        "receipts": [
            {
                **names[n],
                "at": at,
                "kind": "refund" if r.is_refund else "sale",
                "gross_minor": r.gross,
                "tax_minor": r.tax,
                "customer": r.customer,
            }
            for n, r in enumerate(day.receipts)
        ],
        "lines": [
            {
                **names[n],
                "category": line.category,
                "sku": "10001",
                "gross_minor": r.sign * line.gross,
                "tax_class": line.tax_class,
                "tax_minor": r.sign * line.tax,
                "receipt_row": n,
            }
            for n, r in enumerate(day.receipts)
            for line in r.lines
        ],
        "tenders": [
            {**names[n], "tender": tender, "amount_minor": r.sign * amount, "receipt_row": n}
            for n, r in enumerate(day.receipts)
            for tender, amount in r.tenders
        ],
        "ztenders": [
            {"till": till, "z": "1", "trading_day": DAY, "tender": tender, "counted_minor": taken[till, tender] + over}
            for (till, tender), over in day.over.items()
        ],
        "z": [],
        "counts": [],
    }
    added = {"receipts": [FILE], "lines": [FILE, RECEIPT_ROW], "tenders": [FILE, RECEIPT_ROW]}
    return Tables(
        **{
            name: pa.Table.from_pylist(rows, schema=pa.schema([*SCHEMAS[name], *added.get(name, [])]))
            for name, rows in found.items()
        }
    )


# What the validator must not let through: one change to a good file each.

GOOD = TradingDay(
    receipts=(
        Receipt((Line("GROCERY", "STD", 12_00, 2_00),), (("CASH", 12_00),)),
        Receipt((Line("GROCERY", "RED", 21_00, 1_00),), (("VISA", 21_00),)),
        Receipt((Line("DELI", "STD", 24_00, 4_00),), (("CASH", 24_00),), is_refund=True),
        Receipt((Line("POSTAGE", "OUT", 5_00, 0),), (("ACCOUNT", 5_00),), customer="C001"),
    ),
)
MASTERS = Masters(
    banks=frozenset({"1230", "1235", "1250"}),
    customers=frozenset({"TAKINGS", "CAFE001"}),
    rates_bp={code: frozenset({rate}) for code, rate in RATES_BP.items()},
    posted_on=frozenset({DAY}),
    pennies=4,
)
BR, BR_RED, BR_OUT, SC, SP, SP_ACCOUNT, BANKED_OUT, BANKED, CONTROL = range(2, 11)
"""Which row stands on which line of the good file; the header is line 1."""
COLUMNS = (
    "type account nominal department date reference details net tax_code tax rate batch user project cost_code"
).split()

Change = Callable[[bytes], bytes]


def says(line: int, **values: str) -> Change:
    """The file with other values in the columns of one line."""

    def change(content: bytes) -> bytes:
        return rewritten(
            content, lambda rows: [_with(row, values) if n == line else row for n, row in enumerate(rows, 1)]
        )

    return change


def _with(row: list[str], values: dict[str, str]) -> list[str]:
    return [values.get(column, value) for column, value in zip(COLUMNS, row, strict=True)]


def rewritten(content: bytes, change: Callable[[list[list[str]]], Iterable[list[str]]]) -> bytes:
    """The file written again from its changed rows, otherwise as it was."""
    text = io.StringIO()
    rows = list(csv.reader(io.StringIO(content.decode("ascii"), newline="")))
    csv.writer(text, lineterminator="\r\n").writerows(change(rows))
    return text.getvalue().encode()


def moved(line: int, to: int) -> Change:
    """The file with one line somewhere else."""

    def change(rows: list[list[str]]) -> list[list[str]]:
        row = rows.pop(line - 1)
        return [*rows[: to - 1], row, *rows[to - 1 :]]

    return lambda content: rewritten(content, change)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a file, and what must be said of it."""

    change: Change
    said: str


FAULTS = {
    # 1: fields, header, ASCII, line ends
    "14 columns": Fault(lambda c: rewritten(c, lambda rows: [row[:14] for row in rows]), "the header is not"),
    "a row of 14 columns": Fault(
        lambda c: rewritten(c, lambda rows: [*rows[:-1], rows[-1][:14]]), "line 10: 14 fields"
    ),
    "a row of 16 columns": Fault(
        lambda c: rewritten(c, lambda rows: [*rows[:-1], [*rows[-1], ""]]), "line 10: 16 fields"
    ),
    "another header": Fault(lambda c: c.replace(b"Net Amount", b"Net"), "the header is not"),
    "no header": Fault(lambda c: c.split(b"\r\n", 1)[1], "the header is not"),
    "an empty line": Fault(lambda c: c + b"\r\n", "line 11: 0 fields"),
    "UTF-8": Fault(lambda c: c.replace(b"Refunds paid", "Refunds pa\u00efd".encode()), "line 6: not ASCII"),
    "a byte order mark": Fault(lambda c: b"\xef\xbb\xbf" + c, "line 1: not ASCII"),
    "LF only": Fault(lambda c: c.replace(b"\r\n", b"\n"), "CRLF"),
    "one LF only": Fault(lambda c: c.replace(b",,\r\n", b",,\n", 1), "CRLF"),
    "no final line end": Fault(lambda c: c.removesuffix(b"\r\n"), "CRLF"),
    "a line break in a field": Fault(says(BR, details="Takings\r\nof S01"), "line 2: details"),
    "a tab in a field": Fault(says(BR, details="Takings\tof S01"), "line 2: details"),
    # 2: types
    "type SR": Fault(says(SP, type="SR"), "line 6: SR can't be imported"),
    "type PP": Fault(says(SP, type="PP"), "line 6: PP can't be imported"),
    "type SD": Fault(says(SC, type="SD"), "line 5: SD can't be imported"),
    "type PD": Fault(says(SC, type="PD"), "line 5: PD can't be imported"),
    "an unknown type": Fault(says(BR, type="XX"), "line 2: 'XX' is no type"),
    "a type in lower case": Fault(says(BR, type="br"), "line 2: 'br' is no type"),
    # 3 and 5: accounts
    "a blank account": Fault(says(BR, account=""), "line 2: account ''"),
    "an account of 9": Fault(says(SC, account="TAKINGS12"), "line 5: account 'TAKINGS12'"),
    "an account in lower case": Fault(says(SC, account="takings"), "line 5: account 'takings'"),
    "an account with a space": Fault(says(SC, account="TAK INGS"), "line 5: account 'TAK INGS'"),
    "an unknown customer": Fault(says(SP_ACCOUNT, account="CAFE009"), "line 7: account CAFE009 is no customer"),
    "an unknown bank": Fault(says(BR, account="1299"), "line 2: account 1299 is no bank"),
    "a customer as bank": Fault(says(BR, account="TAKINGS"), "line 2: account TAKINGS is no bank"),
    "a journal with an account": Fault(says(BANKED, account="1250"), "line 9: a journal has no account"),
    # 4, 5 and 6: nominals
    "letters in a nominal": Fault(says(BR, nominal="40O0"), "line 2: nominal '40O0'"),
    "no nominal": Fault(says(BR, nominal=""), "line 2: nominal ''"),
    "a nominal of 9": Fault(says(BR, nominal="400000000"), "line 2: nominal '400000000'"),
    "takings on a control account": Fault(says(BR, nominal="2200"), "line 2: nominal 2200 is a control account"),
    "a refund paid from no bank": Fault(says(SP, nominal="4000"), "line 6: nominal 4000 of SP"),
    # 7: departments
    "department 1000": Fault(says(BR, department="1000"), "line 2: department '1000'"),
    "department 1.0": Fault(says(BR, department="1.0"), "line 2: department '1.0'"),
    # 8: dates
    "an ISO date": Fault(says(BR, date="2026-11-22"), "line 2: date '2026-11-22'"),
    "no date": Fault(says(BR, date=""), "line 2: date ''"),
    "a date that is none": Fault(says(BR, date="31/11/2026"), "line 2: date '31/11/2026' does not exist"),
    "a day that is not of the batch": Fault(says(BR, date="23/11/2026"), "line 2: date 23/11/2026 is not a day"),
    # 9: texts
    "no reference": Fault(says(BR, reference=""), "line 2: reference ''"),
    "a reference of 31": Fault(says(BR, reference="S" * 31), "line 2: reference 'SSS"),
    "details of 61": Fault(says(BR, details="T" * 61), "line 2: details 'TTT"),
    "a user of 33": Fault(says(BR, user="S" * 33), "line 2: user 'SSS"),
    "the batch id of another": Fault(says(BR, batch="B000123"), "line 2: extra reference 'B000123'"),
    "details that begin a formula": Fault(says(BR, details='=HYPERLINK("x")'), "line 2: details '=HYPER"),
    "a reference that begins a formula": Fault(says(BR, reference="@S01"), "line 2: reference '@S01' begins"),
    "a formula after a quote": Fault(says(BR, details="'=1+1"), 'line 2: details "\'=1+1" begins'),
    "a formula after a space": Fault(says(BR, details=" +1"), "line 2: details ' +1' begins"),
    "a formula after a tab": Fault(says(BR, details="\t@1"), "line 2: details '\\t@1' begins"),
    "an account that begins a formula": Fault(says(SC, account="-1"), "line 5: account '-1'"),
    "a project that begins a formula": Fault(says(BR, project="=P1"), "line 2: project refn '=P1' begins"),
    # 10: amounts
    "a net of nothing": Fault(says(BR_OUT, net="0.00"), "line 4: net '0.00'"),
    "a negative net": Fault(says(BR, net="-10.00"), "line 2: net '-10.00'"),
    "three decimals": Fault(says(BR, net="10.000"), "line 2: net '10.000'"),
    "a thousands separator": Fault(says(BR, net="1,010.00"), "line 2: net '1,010.00'"),
    "a net of nine digits": Fault(says(BR_OUT, net="100000000.00"), "line 4: net '100000000.00'"),
    "a negative tax": Fault(says(BR, tax="-2.00"), "line 2: tax '-2.00'"),
    "no tax": Fault(says(BR, tax=""), "line 2: tax ''"),
    # 11 and 6: tax codes
    "T100": Fault(says(BR, tax_code="T100"), "line 2: tax code 'T100'"),
    "no tax code": Fault(says(BR, tax_code=""), "line 2: tax code ''"),
    "a tax code the company has not": Fault(says(BR, tax_code="T7"), "line 2: tax code 'T7'"),
    "tax on T9": Fault(says(BR_OUT, tax="0.01"), "line 4: tax 0.01 on T9"),
    "tax on T0": Fault(says(BR, tax_code="T0"), "line 2: tax 2.00 on T0"),
    "a journal on the VAT return": Fault(says(BANKED, tax_code="T1"), "line 9: JD must be T9"),
    "a refund payment on the VAT return": Fault(says(SP, tax_code="T1"), "line 6: SP must be T9"),
    # 12: tax near the rate
    "tax of another rate": Fault(says(BR, tax="0.50"), "line 2: tax 0.50 on net 10.00 T1: the rate gives 2.00"),
    "tax five pence off": Fault(says(BR, tax="2.05"), "line 2: tax 2.05 on net 10.00 T1"),
    # 13: journals
    "a journal that does not balance": Fault(says(BANKED, net="21.01"), "debits 21.01, credits 21.00"),
    "a journal of debits only": Fault(lambda c: rewritten(c, lambda rows: [*rows[:7], rows[8]]), "credits 0.00"),
    # 1.8: groups
    "a group split in two": Fault(moved(BR, to=BANKED_OUT), "rows of BR S01-261122 of 22/11/2026 do not"),
    # 1.1: what we leave alone
    "an exchange rate": Fault(says(BR, rate="1.2"), "line 2: exchange rate must be 1"),
    "a project": Fault(says(BR, project="P1"), "line 2: exchange rate must be 1, project and cost code empty"),
}


@pytest.fixture(scope="module")
def good() -> Batch:
    return batch_of(staged(wanted(GOOD)), receipts=4)


def test_the_good_file_has_every_kind_of_row_and_nothing_is_wrong_with_it(good: Batch) -> None:
    content = good.files["transactions.csv"]

    problems = problems_in(content, good.id, MASTERS)

    assert problems == []
    assert "".join(row.type for row in good.rows) == "BRBRBRSCSPSPJCJDJC"
    assert rewritten(content, lambda rows: rows) == content  # what is changed below is all that is changed


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_does_not_get_past_the_validator(name: str, good: Batch) -> None:
    content = FAULTS[name].change(good.files["transactions.csv"])

    problems = problems_in(content, good.id, MASTERS)

    assert content != good.files["transactions.csv"]
    assert any(FAULTS[name].said in problem for problem in problems), problems


def test_a_batch_id_that_does_not_fit_is_refused(good: Batch) -> None:
    long = "B" * 31
    content = good.files["transactions.csv"].replace(good.id.encode(), long.encode())

    problems = problems_in(content, long, MASTERS)

    assert len(problems) == len(good.rows)
