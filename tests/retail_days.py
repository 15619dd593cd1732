"""The odd days of retail: what the tills ring on each, and the settings of the shop that rings it.

What a case must come to stands in tests/golden/retail/{case}/sums.md, worked out by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from shops import COMPANY
from tills import DAY, Line, Rung, Slice, Till, no_money, refund, sale, z

MAPPINGS = """\
- valid_from: 2026-01-01
  tax_classes:
    STD: {code: T1, rate: 20}
    RED: {code: T5, rate: 5}
    ZERO: {code: T0, rate: 0}
    OUT: {code: T9, rate: 0}
  categories:
    GROCERY: 4000
    DELI: 4001
    GIFTCARD: voucher
    TREAT: 2151
    DEPOSIT: 2152
    PAIDOFF: customer
    PROMO: 4000
    MEALDEAL: spread
    MONEYOFF: spread
  movements: {TIPS: 2230, CHANGE: 1200, WINDOWS: 7801}
  tenders: {CASH: 1230, VISA: 1250, EURO: 1231, GIFT: voucher, ACCOUNT: customer}
  customers: {C001: CAFE001}
"""

RATE_WAS_20 = """\
- valid_from: 2026-11-16
  why: the standard rate is 15 % from here on
  tax_classes: {STD: {code: T1, rate: 15}}
"""
RATE_WILL_BE_15 = """\
- valid_from: 2026-11-23
  why: the standard rate and the nominal of groceries change at midnight
  tax_classes: {STD: {code: T1, rate: 15}}
  categories: {GROCERY: 4100}
"""
RATES_OF_T1 = f"{COMPANY}sage: {{tax_rates: {{T1: [20, 15]}}}}\n"
IRISH = COMPANY.replace("sage50-uk", "sage50-ie").replace("GBP", "EUR").replace("Europe/London", "Europe/Dublin")
IRISH_MAPPINGS = """\
- valid_from: 2026-01-01
  tax_classes:
    IE23: {code: T1, rate: 23}
    IE135: {code: T3, rate: 13.5}
    ZERO: {code: T0, rate: 0}
  categories: {GROCERY: 4000, DELI: 4001}
  tenders: {CASH: 1230, VISA: 1250}
"""


@dataclass(frozen=True)
class RetailDay:
    """One odd day: what its files hold, how the shop is set up, what is said of it."""

    files: Callable[[Till], list[Slice]]
    held: tuple[str, ...] = ()  # the profiles that can't post it
    warns: tuple[str, ...] = ()  # all that a bookkeeper must see on the sheet, in words
    rounded: tuple[tuple[str, str, str], ...] = ()  # till, receipt and amount of each cash payment that was rounded
    store: str = ""  # settings of the store that are not the usual ones
    company: str = COMPANY
    mappings: str = MAPPINGS

    @property
    def parts(self) -> list[Slice]:
        """The till files as sent."""
        return self.files(Till("S01"))


def rung(*rungs: Rung) -> Callable[[Till], list[Slice]]:
    """One file with some receipts."""
    return lambda till: [till.slice("09:00", *rungs)]


def over_midnight(till: Till) -> list[Slice]:
    """A shop that sells until after midnight: two files of one trading day."""
    evening = till.slice("23:00", sale("12.00"))
    till.day = DAY + timedelta(days=1)
    return [evening, till.slice("00:00", sale(Line("11.50", taxed="1.50"), tender="VISA"), z())]


PROMOTION = rung(
    sale(Line("2.49"), Line("2.49"), Line("-1.00", category="PROMO"), taxed="0.66"),
    sale("5.00", tax_class="ZERO", tender="VISA"),
    z(),
)
"""Two for 3.98: the lines' tax is 0.42 + 0.42 - 0.17 = 0.67, that of the whole receipt 0.66."""
DISAGREE = (
    "tax of 1 receipt is not that of the lines (lines 0.67, receipt 0.66); that of the {} is posted, since the store "
    "rounds by {}: till 01 receipt 000001: lines 0.67, receipt 0.66"
)

CASES = {
    "refund_day_net_negative": RetailDay(
        rung(
            sale("12.00"),
            refund("36.00", tender="VISA"),
            sale("21.00", tax_class="ZERO", tender="VISA"),
            z(),
        ),
        held=("journal",),
    ),
    "refund_at_another_rate": RetailDay(
        rung(
            sale(Line("46.00", taxed="6.00")),
            sale(Line("23.00", taxed="3.00"), tender="VISA"),
            sale(Line("-24.00", taxed="-4.00"), kind="refund", original="20261112/01/000812"),
            z(),
        ),
        held=("journal",),
        company=RATES_OF_T1,
        mappings=MAPPINGS + RATE_WAS_20,
    ),
    "exchange": RetailDay(
        rung(
            sale("30.00", tender="VISA"),
            sale("45.00", tax_class="ZERO"),
            sale("-24.00", "24.00", tender={}),
            sale("-12.00", "18.00"),
            sale(Line("-20.00", "ZERO"), Line("6.00"), kind="refund"),
            z(),
        )
    ),
    "void": RetailDay(
        rung(
            sale("12.00"),
            no_money("void"),
            sale("6.60", tax_class="ZERO", tender="VISA"),
            z(),
        )
    ),
    "training_receipts": RetailDay(
        rung(
            no_money("training"),
            no_money("training"),
            sale("24.00"),
            no_money("no_sale"),
            z(),
        )
    ),
    "gift_card_sold": RetailDay(
        rung(
            sale("50.00", tax_class="OUT", category="GIFTCARD", tender="VISA"),
            sale("6.00"),
            z(),
        )
    ),
    "gift_card_redeemed_in_part": RetailDay(
        rung(
            sale("18.00", tender={"GIFT": "10.00", "CASH": "8.00"}),
            sale("7.50", tax_class="ZERO", tender="GIFT"),
            z(),
        )
    ),
    "gift_card_sold_and_redeemed_in_one_receipt": RetailDay(
        rung(
            sale(Line("20.00", "OUT", "GIFTCARD"), Line("12.00"), tender={"GIFT": "12.00", "VISA": "20.00"}),
            z(),
        )
    ),
    "single_purpose_voucher_sold": RetailDay(
        rung(
            sale("30.00", category="TREAT", tender="VISA"),
            sale("4.00", tax_class="ZERO"),
            z(),
        )
    ),
    "single_purpose_voucher_redeemed": RetailDay(
        rung(
            sale(Line("36.00"), Line("-30.00", category="TREAT")),
            z(),
        ),
        held=("journal",),
    ),
    "deposit_taken": RetailDay(
        rung(
            sale("60.00", category="DEPOSIT", tender="VISA"),
            sale("4.00", tax_class="ZERO"),
            z(),
        )
    ),
    "deposit_redeemed": RetailDay(
        rung(
            sale(Line("240.00"), Line("-60.00", category="DEPOSIT"), tender="VISA"),
            z(),
        ),
        held=("journal",),
    ),
    "staff_discount": RetailDay(
        rung(
            sale(
                Line("9.00", discount="1.00"),
                Line("2.49", discount="0.28"),
                Line("4.05", "ZERO", discount="0.45"),
                tender="VISA",
            ),
            z(),
        )
    ),
    "mixed_rate_meal_deal": RetailDay(
        rung(
            sale(
                Line("3.60", "ZERO", "DELI"),
                Line("1.20"),
                Line("1.20"),
                Line("-1.00", category="MEALDEAL", taxed="-0.07"),
                tender="VISA",
            ),
            z(),
        ),
        store="rounding: {level: receipt}",
    ),
    "discount_on_the_whole_receipt": RetailDay(
        rung(
            sale(
                Line("12.00"),
                Line("10.50", category="DELI"),
                Line("7.50", "ZERO"),
                Line("-3.00", category="MONEYOFF", taxed="-0.37"),
                tender="VISA",
            ),
            sale(
                Line("4.00", "ZERO"),
                Line("4.00", "ZERO", "DELI"),
                Line("4.00"),
                Line("-1.00", category="MONEYOFF", taxed="-0.06"),
            ),
            z(),
        )
    ),
    "cash_rounding": RetailDay(
        rung(
            sale("7.98", tender={"CASH": "8.00"}),
            sale("4.02", tax_class="ZERO", tender={"CASH": "4.00"}),
            sale("3.01", tax_class="ZERO", tender={"CASH": "3.00"}),
            sale("6.01", tax_class="ZERO", tender="VISA"),
            z(),
        ),
        store='tolerances: {cash_rounding: "0.02"}',
        rounded=(("01", "000001", "0.02"), ("01", "000002", "-0.02"), ("01", "000003", "-0.01")),
    ),
    "over_and_short_on_two_tenders": RetailDay(
        rung(
            sale("60.00"),
            sale("84.00", tender="VISA"),
            z(counted={"CASH": "61.00", "VISA": "83.25"}),
        )
    ),
    "credit_account_sale": RetailDay(
        rung(
            sale("48.00", category="DELI", tender="ACCOUNT", customer="C001"),
            sale("6.00"),
            z(),
        )
    ),
    "payment_on_account": RetailDay(
        rung(
            sale("30.00", tax_class="OUT", category="PAIDOFF", customer="C001"),
            sale("12.00", tender="VISA"),
            z(),
        )
    ),
    "tips": RetailDay(
        rung(
            sale(Line("30.00", category="DELI"), Line("3.00", "OUT", "TIPS"), tender="VISA"),
            z(),
        )
    ),
    "paid_in_and_paid_out": RetailDay(
        rung(
            sale("50.00", tax_class="OUT", category="CHANGE"),
            sale("20.00", tax_class="ZERO"),
            sale("-15.00", tax_class="OUT", category="WINDOWS", kind="refund"),
            z(),
        )
    ),
    "foreign_currency_tender": RetailDay(
        rung(
            sale("18.00", tender={"EURO": "20.00", "CASH": "-2.00"}),
            sale("10.00", tax_class="ZERO"),
            z(counted={"CASH": "8.00", "EURO": "19.70"}),
        )
    ),
    "rate_change_at_midnight": RetailDay(
        over_midnight,
        company=RATES_OF_T1,
        mappings=MAPPINGS + RATE_WILL_BE_15,
    ),
    "promotion_rounded_by_receipt": RetailDay(
        PROMOTION,
        store='rounding: {level: receipt}\ntolerances: {tax_total: "0.02"}',
        warns=(DISAGREE.format("receipt", "receipt"),),
    ),
    "promotion_rounded_by_line": RetailDay(
        PROMOTION,
        store='tolerances: {tax_total: "0.02"}',
        warns=(DISAGREE.format("lines", "line"),),
    ),
    "promotion_that_no_rule_settles": RetailDay(
        PROMOTION,
        held=("bank_receipts", "takings_customer", "journal"),
    ),
    "irish_company": RetailDay(
        rung(
            sale("24.60", tax_class="IE23", tender="VISA"),
            sale("11.35", tax_class="IE135", category="DELI"),
            refund("2.46", tax_class="IE23"),
            z(),
        ),
        held=("journal",),
        company=IRISH,
        mappings=IRISH_MAPPINGS,
    ),
}
