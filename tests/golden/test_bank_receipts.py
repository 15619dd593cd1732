"""Days of receipts and the transactions.csv that the profile `bank_receipts` makes of them, byte for byte.

Beside each golden file stands how its sums come about. The sums in this file are written down from there
and from the worked example of docs/postings.md: none is worked out by the code under test.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from figures import (
    COMPANY,
    SALES_TAX,
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
    wanted,
)
from storeday.model.postings import Amount, PostingKey, Role, summed
from storeday.postings.wanted import prove
from storeday.sage50.batch import Batch
from storeday.sage50.vat_boxes import till_control_of, vat_boxes
from storeday.stages.locks import posting_day

GOLDEN = Path(__file__).parent / "bank_receipts"

Golden = Callable[[Path, bytes], None]


def sale(
    gross: int, tax_class: str, tax: int, tender: str, category: str = "GROCERY", customer: str | None = None
) -> Receipt:
    return Receipt((Line(category, tax_class, gross, tax),), ((tender, gross),), customer=customer)


def refund(gross: int, tax_class: str, tax: int, tender: str) -> Receipt:
    return Receipt((Line("GROCERY", tax_class, gross, tax),), ((tender, gross),), is_refund=True)


WORKED_EXAMPLE = TradingDay(
    receipts=(
        Receipt((Line("GROCERY", "STD", 1_200_00, 200_00),), (("CASH", 300_00), ("VISA", 900_00))),
        sale(105_00, "RED", 5_00, "CASH"),
        sale(250_00, "ZERO", 0, "CASH"),
        refund(24_00, "STD", 4_00, "CASH"),
    ),
    over={("01", "CASH"): -1_50},
)
FORGOTTEN = sale(12_00, "STD", 2_00, "VISA")
NET_NEGATIVE = TradingDay(
    (sale(12_00, "STD", 2_00, "CASH"), refund(36_00, "STD", 6_00, "CASH"), sale(21_00, "RED", 1_00, "CASH"))
)
GIFT_CARDS = TradingDay(
    (
        sale(25_00, "OUT", 0, "VISA", category="GIFTCARD"),
        Receipt((Line("GROCERY", "STD", 18_00, 3_00),), (("GIFT", 10_00), ("CASH", 8_00))),
    )
)
ON_ACCOUNT = TradingDay(
    (sale(48_00, "STD", 8_00, "ACCOUNT", category="DELI", customer="C001"), sale(6_00, "STD", 1_00, "CASH"))
)
OVER_AND_SHORT = TradingDay(
    receipts=(sale(60_00, "STD", 10_00, "CASH"), sale(84_00, "STD", 14_00, "AMEX")),
    over={("01", "CASH"): 2_00, ("02", "AMEX"): -75},
)


def tax_correction(net: int, tax: int, *, banked: int) -> Batch:
    """What is left to stage when a store sends the same sales again with another tax."""
    sales = PostingKey(Role.SALES, "4000", 1, "T1", "", "")
    cash = PostingKey(Role.DEPOSIT, "1230", 1, "T9", "", "")
    lines = summed([(sales, Amount(net, tax)), (cash, Amount(banked, 0))])
    return batch_of(staged(lines, revision=2), receipts=1)


def late_receipt() -> Batch:
    again = TradingDay((*WORKED_EXAMPLE.receipts, FORGOTTEN), WORKED_EXAMPLE.over)
    return batch_of(correction(again, delivered=wanted(WORKED_EXAMPLE), revision=2), receipts=5)


def locked_day() -> Batch:
    locked = COMPANY.model_copy(update={"lock_date": date(2026, 11, 30), "locked_days": "first_open_day"})
    posted_on = posting_day(locked, date(2026, 11, 22))
    day = staged(wanted(TradingDay((FORGOTTEN,))), company=locked, posted_on=posted_on)
    return batch_of(day, receipts=1, company=locked)


def whole(day: TradingDay) -> Batch:
    assert prove(wanted(day), figures_of(day)) == []
    return batch_of(staged(wanted(day)), receipts=len(day.receipts))


@dataclass(frozen=True)
class Case:
    """A batch, and what it does to the VAT return by the sums beside its golden file."""

    make: Callable[[], Batch]
    box_1: int
    box_6: int


CASES = {
    "worked_example": Case(lambda: whole(WORKED_EXAMPLE), box_1=201_00, box_6=1_330_00),
    "late_receipt": Case(late_receipt, box_1=2_00, box_6=10_00),
    "net_negative": Case(lambda: whole(NET_NEGATIVE), box_1=-3_00, box_6=0),
    "gift_cards": Case(lambda: whole(GIFT_CARDS), box_1=3_00, box_6=15_00),
    "on_account": Case(lambda: whole(ON_ACCOUNT), box_1=9_00, box_6=45_00),
    "over_and_short": Case(lambda: whole(OVER_AND_SHORT), box_1=24_00, box_6=120_00),
    "tax_alone": Case(lambda: tax_correction(0, 1, banked=1), box_1=1, box_6=0),
    "tax_out_of_net": Case(lambda: tax_correction(-1, 1, banked=0), box_1=1, box_6=-1),
    "locked_day": Case(locked_day, box_1=2_00, box_6=10_00),
}


def written(batch: Batch) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(batch.files["transactions.csv"].decode("ascii"), newline="")))


@pytest.mark.parametrize("name", CASES)
def test_a_day_becomes_these_bytes(name: str, golden: Golden) -> None:
    batch = CASES[name].make()

    transactions = batch.files["transactions.csv"]

    golden(GOLDEN / f"{name}.csv", transactions)


@pytest.mark.parametrize("name", CASES)
def test_a_day_proves_by_the_sums_worked_out_by_hand(name: str) -> None:
    case, batch = CASES[name], CASES[name].make()

    boxes, control, sage = vat_boxes(batch.rows, ()), till_control_of(batch.rows, TILL_CONTROL), booked(batch.rows)

    assert boxes == {1: case.box_1, 4: 0, 6: case.box_6, 7: 0}
    assert control == sage[TILL_CONTROL] == sage[f"customer {TAKINGS}"] == 0
    assert sage[SALES_TAX] == -case.box_1


def test_every_golden_file_has_its_sums_beside_it_and_a_day_that_makes_it() -> None:
    goldens = {path.stem for path in GOLDEN.glob("*.csv")}

    sums = {path.stem for path in GOLDEN.glob("*.md")}

    assert goldens == sums == set(CASES)


def test_the_worked_example_is_the_one_in_the_posting_rules() -> None:
    said = """\
        BR,1235,4000,1,22/11/2026,S01-261122,980.00,T1,196.00
        BR,1235,4000,1,22/11/2026,S01-261122,100.00,T5,5.00
        BR,1235,4000,1,22/11/2026,S01-261122,250.00,T0,0.00
        JD,,1230,1,22/11/2026,S01-261122-T,629.50,T9,0.00
        JD,,8206,1,22/11/2026,S01-261122-T,1.50,T9,0.00
        JD,,1250,1,22/11/2026,S01-261122-T,900.00,T9,0.00
        JC,,1235,1,22/11/2026,S01-261122-T,1531.00,T9,0.00"""

    rows = written(CASES["worked_example"].make())

    columns = [c for c in list(rows[0])[:10] if c != "Details"]
    assert sorted(",".join(row[c] for c in columns) for row in rows) == sorted(said.replace(" ", "").splitlines())


def test_a_forgotten_sale_is_one_receipt_two_journal_rows_and_nothing_else() -> None:
    rows = written(CASES["late_receipt"].make())

    told = [(r["Type"], r["Nominal A/C Ref"], r["Net Amount"], r["Tax Amount"], r["Reference"]) for r in rows]

    assert told == [
        ("BR", "4000", "10.00", "2.00", "S01-261122-2"),
        ("JD", "1250", "12.00", "0.00", "S01-261122-2-T"),
        ("JC", "1235", "12.00", "0.00", "S01-261122-2-T"),
    ]


def test_a_locked_day_is_posted_on_the_first_open_day_and_says_its_true_day() -> None:
    rows = written(CASES["locked_day"].make())

    told = {(row["Date"], row["Reference"].removesuffix("-T"), "of 22/11/2026" in row["Details"]) for row in rows}

    assert told == {("01/12/2026", "S01-261122", True)}


@pytest.mark.parametrize(
    ("lock_date", "posted_on"),
    [
        (None, date(2026, 11, 22)),
        (date(2026, 11, 21), date(2026, 11, 22)),
        (date(2026, 11, 22), date(2026, 11, 23)),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_lock_date_itself_is_locked(lock_date: date | None, posted_on: date) -> None:
    company = COMPANY.model_copy(update={"lock_date": lock_date, "locked_days": "first_open_day"})

    day = posting_day(company, date(2026, 11, 22))

    assert day == posted_on
