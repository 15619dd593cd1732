"""A company, days of receipts and what they sum to, and a Sage of a few lines that books rows.

For tests of the postings. Amounts are minor units. Nothing here calls the code under test to say what is
right: `figures_of` sums receipts by hand, `booked` books rows as the reference says Sage does (1.4, 3.1).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import pandas as pd
from storeday.config.mappings import Mapping
from storeday.config.settings import Company, CompanySettings, Store
from storeday.model.postings import Lines, difference, with_refunds_netted
from storeday.postings.day_sums import DaySums
from storeday.postings.wanted import wanted_lines
from storeday.sage50.batch import Batch, build_batch
from storeday.sage50.proof import prove_day
from storeday.sage50.rows import Row
from storeday.sage50.staged_day import StagedDay

DAY = date(2026, 11, 22)
TILL_CONTROL, TAKINGS, DEBTORS, SALES_TAX = "1235", "TAKINGS", "1100", "2200"

COMPANY = Company.model_validate(
    {
        "code": "northern-larder",
        "name": "Northern Larder Ltd",
        "edition": "sage50-uk",
        "profile": "bank_receipts",
        "currency": "GBP",
        "timezone": "Europe/London",
        "first_day": "2026-01-01",
        "accounts": {
            "till_control": TILL_CONTROL,
            "takings_customer": TAKINGS,
            "over_short": "8206",
            "rounding": "8207",
            "voucher_liability": "2150",
        },
    }
)
MAPPING = Mapping.model_validate(
    {
        "version": 1,
        "valid_from": "2026-01-01",
        "tax_classes": {
            "STD": {"code": "T1", "rate": "20"},
            "RED": {"code": "T5", "rate": "5"},
            "ZERO": {"code": "T0", "rate": "0"},
            "EXEMPT": {"code": "T2", "rate": "0"},
            "OUT": {"code": "T9", "rate": "0"},
        },
        "categories": {
            "GROCERY": "4000",
            "DELI": "4001",
            "POSTAGE": "4005",
            "GIFTCARD": "voucher",
            "PAIDOFF": "customer",
        },
        "movements": {"TIP": "2230", "PETTY": "7501"},
        "tenders": {
            "CASH": "1230",
            "VISA": "1250",
            "MC": "1250",
            "AMEX": "1251",
            "GIFT": "voucher",
            "ACCOUNT": "customer",
        },
        "customers": {"C001": "CAFE001", "C002": "SCHOOL01"},
    }
)
BESIDE_SALES = frozenset({"GIFTCARD", "PAIDOFF", *MAPPING.movements})
"""Categories whose lines are no sale and carry no tax."""
COMPANIES = {
    profile: Company.model_validate({**COMPANY.model_dump(), "profile": profile})
    for profile in ("bank_receipts", "takings_customer", "journal")
}
CODES = {name: tax.code for name, tax in MAPPING.tax_classes.items()}


def store(code: str = "S01", name: str = "Newcastle Grainger", department: int = 1) -> Store:
    """A store whose files nobody fetches."""
    return Store.model_validate(
        {
            "code": code,
            "name": name,
            "timezone": "Europe/London",
            "department": department,
            "source": {"kind": "folder", "path": "nowhere"},
            "feed": "storeday-csv",
            "tills": ["01", "02"],
        }
    )


STORE = store()


@dataclass(frozen=True)
class Line:
    """A line of a receipt; amounts as on the receipt, never negative."""

    category: str
    tax_class: str
    gross: int
    tax: int


@dataclass(frozen=True)
class Receipt:
    """One receipt; a refund's amounts are positive here and count as negative."""

    lines: tuple[Line, ...]
    tenders: tuple[tuple[str, int], ...]
    is_refund: bool = False
    customer: str | None = None
    till: str = "01"

    @property
    def sign(self) -> int:
        return -1 if self.is_refund else 1

    @property
    def gross(self) -> int:
        return self.sign * sum(line.gross for line in self.lines)

    @property
    def tax(self) -> int:
        return self.sign * sum(line.tax for line in self.lines)

    @property
    def taken(self) -> int:
        return self.sign * sum(amount for _, amount in self.tenders)


@dataclass(frozen=True)
class TradingDay:
    """The receipts of a store-day, and by how much each till's drawer was over (negative: short)."""

    receipts: tuple[Receipt, ...] = ()
    over: dict[tuple[str, str], int] = field(default_factory=dict)  # by till and tender


def figures_of(day: TradingDay) -> DaySums:
    """A store-day's sums, receipt by receipt."""
    sold: Counter[tuple[str, str, str, bool, str]] = Counter()
    payments: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    on_account: Counter[str] = Counter()
    over: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    paid_off: Counter[str] = Counter()
    for receipt in day.receipts:
        for line in receipt.lines:
            if line.category in MAPPING.movements:
                moved[line.category] += receipt.sign * line.gross
                continue
            if MAPPING.categories[line.category] == "customer":
                paid_off[str(receipt.customer)] += receipt.sign * line.gross
                continue
            key = (MAPPING.categories[line.category], CODES[line.tax_class], "", receipt.is_refund)
            sold[*key, "gross"] += receipt.sign * line.gross
            sold[*key, "tax"] += receipt.sign * line.tax
        for tender, amount in receipt.tenders:
            taken[tender] += receipt.sign * amount
            payments[tender] += 1
            if MAPPING.tenders[tender] == "customer":
                on_account[str(receipt.customer)] += receipt.sign * amount
    for (_, tender), minor in day.over.items():
        over[tender] += minor
    groups = sorted({key[:4] for key in sold})
    return DaySums(
        receipts=len(day.receipts),
        sales_minor=sum(r.gross for r in day.receipts if not r.is_refund),
        refunds_minor=sum(r.gross for r in day.receipts if r.is_refund),
        tax_minor=sum(r.tax for r in day.receipts),
        sold=pd.DataFrame(
            [(*key, sold[*key, "gross"], sold[*key, "tax"]) for key in groups],
            columns=["target", "tax_code", "rate", "is_refund", "gross_minor", "tax_minor"],
        ),
        moved=dict(moved),
        taken=dict(taken),
        payments=dict(payments),
        over_short=dict(over),
        on_account=dict(on_account),
        paid_off=dict(paid_off),
        rounding_minor=sum(r.taken - r.gross for r in day.receipts),
        rounded_receipts=sum(r.taken != r.gross for r in day.receipts),
        rounded=(),
    )


def wanted(day: TradingDay, of: Store = STORE, company: Company = COMPANY) -> Lines:
    """The posting lines of a day of receipts."""
    lines = wanted_lines(figures_of(day), MAPPING, of, company.accounts)
    return with_refunds_netted(lines) if company.nets_refunds else lines


def staged(
    lines: Lines, *, revision: int = 1, of: Store = STORE, company: Company = COMPANY, posted_on: date = DAY
) -> StagedDay:
    """Posting lines that are to be staged."""
    rates = {tax.code: frozenset({tax.rate_bp}) for tax in MAPPING.tax_classes.values()}
    return StagedDay(company, of, MAPPING, DAY, posted_on, revision, lines, rates)


def correction(to: TradingDay, delivered: Lines, *, revision: int, company: Company = COMPANY) -> StagedDay:
    """What is still to be staged of a day some of which is delivered."""
    return staged(difference(wanted(to, company=company), delivered), revision=revision, company=company)


def batch_of(*days: StagedDay, receipts: int, lines: int = 0, company: Company = COMPANY) -> Batch:
    """The batch of some store-days that have so many receipts and lines each; its sheet is blank."""
    settings = CompanySettings(company=company, stores=tuple(day.store for day in days), mappings=())
    facts = {day.store.code: {"receipts": receipts, "lines": lines} for day in days}
    return build_batch(settings, DAY, [prove_day(day) for day in days], facts, lambda _: "")


def booked(rows: Iterable[Row]) -> Counter[str]:
    """What rows leave on each nominal and customer in Sage: a debit is positive. Those at nothing are left out."""
    ledger: Counter[str] = Counter()
    for row in rows:
        customer = f"customer {row.account}"
        match row.type:
            case "BR":
                entries = {row.account: row.gross_minor, row.nominal: -row.net_minor, SALES_TAX: -row.tax_minor}
            case "SC":
                entries = {DEBTORS: -row.gross_minor, row.nominal: row.net_minor, SALES_TAX: row.tax_minor}
                ledger[customer] -= row.gross_minor
            case "SI":
                entries = {DEBTORS: row.gross_minor, row.nominal: -row.net_minor, SALES_TAX: -row.tax_minor}
                ledger[customer] += row.gross_minor
            case "SP":
                entries = {DEBTORS: row.gross_minor, row.nominal: -row.gross_minor}
                ledger[customer] += row.gross_minor
            case "SA":
                entries = {DEBTORS: -row.gross_minor, row.nominal: row.gross_minor}
                ledger[customer] -= row.gross_minor
            case "JD":
                entries = {row.nominal: row.net_minor}
            case "JC":
                entries = {row.nominal: -row.net_minor}
            case _:
                raise AssertionError(f"this Sage books no {row.type}")
        ledger.update(entries)
    return Counter({account: minor for account, minor in ledger.items() if minor})


def trial_balance(ledger: Counter[str]) -> int:
    """All nominals together; anything but 0 is a ledger that Sage could not have."""
    return sum(minor for account, minor in ledger.items() if not account.startswith("customer "))


def rows_in(transactions: bytes) -> list[Row]:
    """The rows of a file for Sage, as somebody else's program would read them."""
    return [
        Row(
            type=cells["Type"],
            account=cells["Account Reference"],
            nominal=cells["Nominal A/C Ref"],
            department=int(cells["Department Code"]),
            date=datetime.strptime(cells["Date"], "%d/%m/%Y").date(),
            reference=cells["Reference"],
            details=cells["Details"],
            net_minor=int(Decimal(cells["Net Amount"]) * 100),
            tax_code=cells["Tax Code"],
            tax_minor=int(Decimal(cells["Tax Amount"]) * 100),
        )
        for cells in csv.DictReader(io.StringIO(transactions.decode("ascii"), newline=""))
    ]


def returned(rows: Iterable[Row]) -> dict[int, int]:
    """What rows put into boxes 1, 4, 6 and 7 of the VAT return, journals with T0, T1 and T2 only."""
    boxes = {1: 0, 4: 0, 6: 0, 7: 0}
    for row in rows:
        if row.tax_code == "T9":
            continue
        if row.type in ("BR", "SI", "SC"):
            sign = -1 if row.type == "SC" else 1
            boxes[6] += sign * row.net_minor
            boxes[1] += sign * row.tax_minor
        elif row.tax_code in ("T0", "T1", "T2"):
            of_vat, of_net = {"JC": (1, 6), "JD": (4, 7)}[row.type]
            boxes[of_vat if row.nominal == SALES_TAX else of_net] += row.net_minor
    return boxes


def taxed(rows: Iterable[Row]) -> dict[str, tuple[int, int]]:
    """Net and tax of the sales less refunds in rows, by tax code on the return."""
    net: Counter[str] = Counter()
    tax: Counter[str] = Counter()
    for row in rows:
        sign = -1 if row.type in ("SC", "JD") else 1
        if row.tax_code != "T9":
            is_vat = row.nominal == SALES_TAX
            net[row.tax_code] += 0 if is_vat else sign * row.net_minor
            tax[row.tax_code] += sign * (row.net_minor if is_vat else row.tax_minor)
    return {code: (net[code], tax[code]) for code in net if net[code] or tax[code]}
