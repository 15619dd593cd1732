"""The posting profile `bank_receipts` for Sage 50 UK: posting lines into rows.

Sales are bank receipts into the till control account, one row a (nominal, department, tax code) with the
tax on the row. What is net negative is a credit (SC) on the takings customer, paid back from the till
control account (SP), since a bank payment would move the wrong VAT boxes. Tenders and the rest are
journals off the VAT return. Sources: docs/postings.md; sage50-uk reference, 1.4, 1.5, 1.9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from storeday.config.mappings import Mapping
from storeday.config.settings import Company, Store
from storeday.model.postings import Amount, Lines, PostingKey, Role
from storeday.sage50.plain_text import ascii_text
from storeday.sage50.rows import Row


@dataclass(frozen=True)
class StagedDay:
    """One store-day of a batch: the posting lines still to be staged and how they are called."""

    company: Company
    store: Store
    mapping: Mapping
    trading_day: date
    posted_on: date  # the trading day, or the first open day where the company posts locked days there
    revision: int  # 1 for a store-day's first batch
    lines: Lines

    @property
    def reference(self) -> str:
        """Unique for ever per type, account and date: store, day and, from the second batch on, its number."""
        again = f"-{self.revision}" if self.revision > 1 else ""
        return f"{self.store.code}-{self.trading_day:%y%m%d}{again}"


def rows_of(day: StagedDay) -> list[Row]:
    """The rows of one store-day, in the order of its posting lines."""
    sales = [(key, amount) for key, amount in day.lines.items() if key.role is Role.SALES]
    return [*_sales_rows(day, sales), *_account_rows(day), *_journal_rows(day)]


def _sales_rows(day: StagedDay, sales: list[tuple[PostingKey, Amount]]) -> Iterator[Row]:
    credits: list[Row] = []
    for key, amount in sales:
        received, credited = _by_direction(amount, _rate_bp(day.mapping, key.tax_code))
        if received.net:
            account = day.company.accounts.till_control
            yield _row(day, "BR", account, key.nominal, received, key.tax_code, "Takings")
        if credited.net:
            customer = day.company.accounts.takings_customer
            credits.append(_row(day, "SC", customer, key.nominal, credited, key.tax_code, "Refunds"))
    yield from credits
    paid_back = sum(row.gross_minor for row in credits)
    if paid_back:
        accounts = day.company.accounts
        amount = Amount(paid_back, 0)
        yield _row(day, "SP", accounts.takings_customer, accounts.till_control, amount, "T9", "Refunds paid")


def _by_direction(amount: Amount, rate_bp: int) -> tuple[Amount, Amount]:
    """A signed amount as one received and one credited, neither negative, whose difference it is.

    Net and tax may pull in opposite directions when only a tax was corrected; then both are needed, since
    Sage takes no negative amount and no row without a net. The smaller of the two is as large as the tax
    asks for at the code's rate.
    """
    nothing = Amount(0, 0)
    if amount.net >= 0 and amount.tax >= 0 and amount.net:
        return amount, nothing
    if amount.net <= 0 and amount.tax <= 0 and amount.net:
        return nothing, Amount(-amount.net, -amount.tax)
    base = max(1, abs(amount.tax) * 10_000 // rate_bp) if rate_bp else 1
    if amount.tax > 0:
        return Amount(base, amount.tax), Amount(base - amount.net, 0)
    return Amount(amount.net + base, 0), Amount(base, -amount.tax)


def _account_rows(day: StagedDay) -> Iterator[Row]:
    """Sales on account leave the till control as a payment to the customer; money on account comes in."""
    for key, amount in day.lines.items():
        if key.role is Role.ACCOUNT:
            kind, what = ("SP", "Sales on account") if amount.net > 0 else ("SA", "Paid on account")
            yield _row(day, kind, key.account, key.nominal, Amount(abs(amount.net), 0), "T9", what)


def _journal_rows(day: StagedDay) -> Iterator[Row]:
    legs = [(key, a.net) for key, a in day.lines.items() if key.role not in {Role.SALES, Role.ACCOUNT}]
    for key, debit in legs:
        yield _journal(day, key.nominal, debit, _leg_words(key, debit))
    control = -sum(debit for _, debit in legs)
    if control:
        yield _journal(day, day.company.accounts.till_control, control, "Till control")


def _leg_words(key: PostingKey, debit: int) -> str:
    if key.role is Role.OVER_SHORT:
        return f"{key.detail} {'short' if debit > 0 else 'over'}"
    words = {
        Role.DEPOSIT: "Takings banked" if debit > 0 else "Refunds out of the bank",
        Role.VOUCHER: "Gift cards redeemed" if debit > 0 else "Gift cards sold",
        Role.ROUNDING: "Cash rounding",
    }
    return words[key.role]


def _journal(day: StagedDay, nominal: str, debit: int, what: str) -> Row:
    row = _row(day, "JD" if debit > 0 else "JC", "", nominal, Amount(abs(debit), 0), "T9", what)
    return row._replace(reference=f"{day.reference}-T")


def _row(day: StagedDay, kind: str, account: str, nominal: str, amount: Amount, tax_code: str, what: str) -> Row:
    again = f"Correction {day.revision - 1}: " if day.revision > 1 else ""
    moved = f" of {day.trading_day:%d/%m/%Y}" if day.posted_on != day.trading_day else ""
    return Row(
        type=kind,
        account=account,
        nominal=nominal,
        department=day.store.department,
        date=day.posted_on,
        reference=day.reference,
        details=ascii_text(f"{again}{what}{moved} {day.store.code} {day.store.name}", 60),
        net_minor=amount.net,
        tax_code=tax_code,
        tax_minor=amount.tax,
    )


def _rate_bp(mapping: Mapping, tax_code: str) -> int:
    return next((tax.rate_bp for tax in mapping.tax_classes.values() if tax.code == tax_code), 0)
