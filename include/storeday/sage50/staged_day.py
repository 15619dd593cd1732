"""One store-day of a batch: the posting lines still to be staged, and the rows that all profiles make alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
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
    rates_bp: dict[str, frozenset[int]]  # by tax code: the rates that its rows may carry
    delivered: Lines = field(default_factory=dict)  # what its earlier batches put into Sage, under older mappings too

    @property
    def reference(self) -> str:
        """Unique for ever per type, account and date: store, day and, from the second batch on, its number."""
        again = f"-{self.revision}" if self.revision > 1 else ""
        return f"{self.store.code}-{self.trading_day:%y%m%d}{again}"

    @property
    def takings_customer(self) -> str:
        """The cash customer of the store: its own, or the company's."""
        return self.store.takings_customer or self.company.accounts.takings_customer

    @property
    def known_rates_bp(self) -> dict[str, frozenset[int]]:
        """The rates by tax code, with codes that only earlier batches used at about the rate that they carried."""
        return {key.tax_code: frozenset({_rate_of(amount)}) for key, amount in self.delivered.items()} | self.rates_bp

    def legs(self, *roles: Role) -> list[tuple[PostingKey, Amount]]:
        """The lines of some roles, in key order."""
        return [(key, amount) for key, amount in self.lines.items() if key.role in roles]


def _rate_of(amount: Amount) -> int:
    return abs(round(amount.tax * 10_000 / amount.net)) if amount.net else 0


def row_of(day: StagedDay, kind: str, account: str, key: PostingKey, amount: Amount, what: str) -> Row:
    """One row under the store-day's reference; ``what`` is the words of its Details."""
    again = f"Correction {day.revision - 1}: " if day.revision > 1 else ""
    moved = f" of {day.trading_day:%d/%m/%Y}" if day.posted_on != day.trading_day else ""
    return Row(
        type=kind,
        account=account,
        nominal=key.nominal,
        department=key.department,
        date=day.posted_on,
        reference=day.reference,
        details=ascii_text(f"{again}{what}{moved} {day.store.code} {day.store.name}", 60),
        net_minor=amount.net,
        tax_code=key.tax_code,
        tax_minor=amount.tax,
    )


def journal_row(day: StagedDay, key: PostingKey, debit_minor: int, what: str) -> Row:
    """A journal row of a signed amount: a debit where it is positive."""
    return row_of(day, "JD" if debit_minor > 0 else "JC", "", key, Amount(abs(debit_minor), 0), what)


def off_the_return(day: StagedDay, nominal: str) -> PostingKey:
    """The key of a row that is on no VAT return and that no posting line stands for by itself."""
    return PostingKey(Role.DEPOSIT, nominal, day.store.department, "T9", "", "")


def by_direction(day: StagedDay, key: PostingKey, amount: Amount) -> tuple[Amount, Amount]:
    """A signed amount as one received and one credited, neither negative, whose difference it is.

    Net and tax may pull in opposite directions when only a tax was corrected; then both are needed, since
    Sage takes no negative amount and no row without a net (sage50-uk reference, 1.5 and 1.13). The smaller of
    the two is as large as the tax asks for at the code's rate.
    """
    nothing = Amount(0, 0)
    if amount.net >= 0 and amount.tax >= 0 and amount.net:
        return amount, nothing
    if amount.net <= 0 and amount.tax <= 0 and amount.net:
        return nothing, Amount(-amount.net, -amount.tax)
    rate_bp = day.mapping.rate_bp_of(key.tax_code) or max(day.known_rates_bp.get(key.tax_code, {0}))
    base = max(1, abs(amount.tax) * 10_000 // rate_bp) if rate_bp else 1
    if amount.tax > 0:
        return Amount(base, amount.tax), Amount(base - amount.net, 0)
    return Amount(amount.net + base, 0), Amount(base, -amount.tax)


def account_rows(day: StagedDay) -> Iterator[Row]:
    """Sales on account leave the till control as a payment to the customer; money on account comes in.

    Sources: docs/postings.md; sage50-uk reference, 1.4 (SA and SP name a customer and a bank nominal).
    """
    for key, amount in day.legs(Role.ACCOUNT):
        kind, what = ("SP", "Sales on account") if amount.net > 0 else ("SA", "Paid on account")
        yield row_of(day, kind, key.account, key, Amount(abs(amount.net), 0), what)


def on_account(day: StagedDay) -> int:
    """What all customers' accounts together are charged through the till control account, in minor units."""
    return sum(amount.net for _, amount in day.legs(Role.ACCOUNT))


def passed_on_words(minor: int) -> str:
    """What passes between the takings and customers' accounts: charged to them, or paid off by them."""
    return "Passed on to accounts" if minor > 0 else "Paid off accounts"


def sales_words(key: PostingKey, *, credited: bool) -> str:
    """What a row of sales or of refunds is, with the rate where it is not the day's own."""
    return ("Refunds" if credited else "Takings") + (f" {key.detail}" if key.detail else "")


def leg_words(key: PostingKey, debit_minor: int) -> str:
    """What a row beside the sales is, by the side of its nominal that it moves."""
    is_debit = debit_minor > 0
    words = {
        Role.DEPOSIT: "Takings banked" if is_debit else "Refunds out of the bank",
        Role.VOUCHER: "Gift cards redeemed" if is_debit else "Gift cards sold",
        Role.OVER_SHORT: f"{key.detail} {'short' if is_debit else 'over'}",
        Role.ROUNDING: "Cash rounding",
        Role.MOVEMENT: f"{key.detail} {'out of' if is_debit else 'into'} the till",
    }
    return words[key.role]
