"""The days of the `bank_receipts` goldens under the two other profiles, byte for byte.

A day comes to the same on every account whatever the profile, so its sums are those that stand beside its
`bank_receipts` golden; what is written down here are the control accounts and the VAT boxes by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from figures import COMPANIES, SALES_TAX, TAKINGS, TILL_CONTROL, TradingDay, batch_of, booked, staged, wanted
from storeday.sage50.batch import Batch, ProofFailed
from storeday.sage50.vat_boxes import customer_balance_of, till_control_of, vat_boxes
from test_bank_receipts import (
    FORGOTTEN,
    GIFT_CARDS,
    NET_NEGATIVE,
    ON_ACCOUNT,
    OVER_AND_SHORT,
    WORKED_EXAMPLE,
    sale,
)

GOLDEN = Path(__file__).parent / "profiles"

Golden = Callable[[Path, bytes], None]

BY_JOURNAL = COMPANIES["journal"].model_copy(
    update={"sage": COMPANIES["journal"].sage.model_copy(update={"journal_vat_codes": ("T0", "T1", "T2", "T5")})}
)
TIPS_AND_PETTY_CASH = TradingDay(
    (
        sale(12_00, "STD", 2_00, "CASH"),
        sale(2_00, "OUT", 0, "CASH", category="TIP"),
        sale(5_00, "OUT", 0, "CASH", category="PETTY"),
    )
)
PAID_OFF = TradingDay(
    (sale(6_00, "STD", 1_00, "CASH"), sale(50_00, "OUT", 0, "CASH", category="PAIDOFF", customer="C001"))
)
DAYS = {  # the day, its box 1 and its box 6
    "worked_example": (WORKED_EXAMPLE, 201_00, 1_330_00),
    "forgotten_sale": (TradingDay((FORGOTTEN,)), 2_00, 10_00),
    "net_negative": (NET_NEGATIVE, -3_00, 0),
    "gift_cards": (GIFT_CARDS, 3_00, 15_00),
    "on_account": (ON_ACCOUNT, 9_00, 45_00),
    "over_and_short": (OVER_AND_SHORT, 24_00, 120_00),
    "tips_and_petty_cash": (TIPS_AND_PETTY_CASH, 2_00, 10_00),
    "paid_off": (PAID_OFF, 1_00, 5_00),
}
CASES = [(name, profile) for name in DAYS for profile in ("takings_customer", "journal")]
HELD = {("net_negative", "journal")}  # journals never lower a VAT box


def batch(name: str, profile: str) -> Batch:
    company = BY_JOURNAL if profile == "journal" else COMPANIES[profile]
    day = DAYS[name][0]
    return batch_of(staged(wanted(day, company=company), company=company), receipts=len(day.receipts), company=company)


@pytest.mark.parametrize(("name", "profile"), [case for case in CASES if case not in HELD])
def test_a_day_becomes_these_bytes(name: str, profile: str, golden: Golden) -> None:
    transactions = batch(name, profile).files["transactions.csv"]

    golden(GOLDEN / f"{name}.{profile}.csv", transactions)


@pytest.mark.parametrize(("name", "profile"), [case for case in CASES if case not in HELD])
def test_a_day_proves_by_the_sums_worked_out_by_hand(name: str, profile: str) -> None:
    _, box_1, box_6 = DAYS[name]

    rows = batch(name, profile).rows

    sage = booked(rows)
    assert vat_boxes(rows, BY_JOURNAL.sage.journal_vat_codes) == {1: box_1, 4: 0, 6: box_6, 7: 0}
    assert till_control_of(rows, TILL_CONTROL) == sage[TILL_CONTROL] == 0
    assert customer_balance_of(rows, TAKINGS) == sage[f"customer {TAKINGS}"] == 0
    assert sage[SALES_TAX] == -box_1


@pytest.mark.parametrize(("name", "profile"), sorted(HELD))
def test_a_day_that_a_journal_can_not_post_is_held(name: str, profile: str) -> None:
    with pytest.raises(ProofFailed, match="journals never lower a VAT box"):
        batch(name, profile)


def test_every_golden_file_has_a_day_that_makes_it() -> None:
    there = {path.name for path in GOLDEN.glob("*.csv")}

    assert there == {f"{name}.{profile}.csv" for name, profile in CASES if (name, profile) not in HELD}
