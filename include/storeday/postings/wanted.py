"""What a store-day wants in Sage: its figures as posting lines, and the proof that they balance.

Source: docs/postings.md, "What a store-day wants".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from storeday.config.mappings import CUSTOMER, VOUCHER, Mapping
from storeday.config.settings import Accounts, Store
from storeday.model.derivation import Change, Derivation, Derived
from storeday.model.money import money
from storeday.model.postings import Amount, Lines, PostingKey, Role, summed
from storeday.model.store_day import Example, Hold
from storeday.postings.day_sums import DaySums

OFF_THE_RETURN = "T9"
"""Sage's tax code for what is not on the VAT return; every leg that is no sale (sage50-uk reference, 1.9)."""

_SOLD_AS = ("lines.sku", "lines.category")
_PAID_BY = ("tenders.tender", "ztenders.tender")
_TAXED_AT = ("lines.tax_class", "receipts.at", "lines.gross_minor", "lines.tax_minor")
_TAX = ("lines.tax_minor", "receipts.tax_minor", "lines.gross_minor")
_MONEY = ("tenders.amount_minor", "ztenders.counted_minor", "receipts.gross_minor")

WANTED_FROM: Final = Derivation(
    (
        Derived("store", (), "the store's code, from its settings"),
        Derived("trading_day", ("receipts.trading_day",), "as it is", Change.SAME),
        Derived("role", ("receipts.kind", *_SOLD_AS, *_PAID_BY), "sale, refund, deposit and so on, by the mapping"),
        Derived("nominal", (*_SOLD_AS, *_PAID_BY), "by the mapping in force; the company's own accounts beside it"),
        Derived("department", (), "the store's department, from its settings"),
        Derived("tax_code", _TAXED_AT, "by the mapping in force on the receipt's date; T9 of all that is no sale"),
        Derived("account", ("receipts.customer",), "the customer's reference in Sage, by the mapping"),
        Derived("detail", ("lines.category", *_PAID_BY, *_TAXED_AT), "the tender, the movement, or another rate"),
        Derived("net_minor", (*_TAX, *_MONEY), "sales less tax; tenders; counted less taken; rounding", Change.SUMMED),
        Derived("tax_minor", _TAX, "the tills' tax, by the level at which they round", Change.SUMMED),
    ),
    steered_by=(
        *(f"{table}.{key}" for table in ("receipts", "lines", "tenders") for key in ("till", "receipt")),
        *("ztenders.till", "ztenders.z", "receipts.kind", "receipts.at", "receipts.customer"),
        *(*_SOLD_AS, "lines.tax_class", *_PAID_BY),
    ),
)
"""Where posting lines come from: canonical tables, by the column."""


def wanted_lines(sums: DaySums, mapping: Mapping, store: Store, accounts: Accounts) -> Lines:
    """The posting lines of a store-day, all its codes mapped. A debit is positive, a sale is positive.

    Refunds are lines of their own; a profile that nets them does so with ``with_refunds_netted``.
    """
    return summed(
        [
            *_sales(sums, store, accounts),
            *_moved(sums, mapping, store),
            *_tenders(sums, mapping, store, accounts),
            *_accounts(sums, mapping, store, accounts),
            *_over_short(sums, mapping, store, accounts),
            *_rounding(sums, store, accounts),
        ]
    )


def till_control(lines: Lines) -> int:
    """What the till control account would end at: sales in, everything that was paid out of it."""
    return sum(amount.gross if key.role.is_sale else -amount.net for key, amount in lines.items())


def prove(lines: Lines, sums: DaySums) -> list[Hold]:
    """The proofs that stand before any row: the control account ends at 0.00, no sale and no tax is lost.

    An empty list is a proof; a Hold says which one failed and by how much.
    """
    sold = [amount for key, amount in lines.items() if key.role.is_sale]
    facts = (
        ("the till control account does not end at 0.00", till_control(lines)),
        (
            "the sales to be posted are not those of the receipts",
            sum(amount.gross for amount in sold) - (sums.gross_minor - sums.beside_sales_minor),
        ),
        ("the tax to be posted is not that of the receipts", sum(amount.tax for amount in sold) - sums.tax_minor),
    )
    return [
        Hold(
            check=check,
            found=1,
            of=1,
            unit="store-days",
            out_by_minor=out_by,
            examples=(Example(f"receipts {money(sums.gross_minor)}, tax {money(sums.tax_minor)}"),),
            what_now="The tills' own totals disagree; compare the day's Z reports with its receipts.",
        )
        for check, out_by in facts
        if out_by
    ]


def _sales(sums: DaySums, store: Store, accounts: Accounts) -> Iterator[tuple[PostingKey, Amount]]:
    columns = ["target", "tax_code", "rate", "is_refund", "gross_minor", "tax_minor"]
    for target, code, rate, is_refund, gross, tax in sums.sold[columns].itertuples(index=False):
        if target == VOUCHER:
            yield _leg(Role.VOUCHER, accounts.voucher_liability, store), Amount(-int(gross), 0)
        else:
            role = Role.REFUNDS if is_refund else Role.SALES
            key = PostingKey(role, str(target), store.department, str(code), "", str(rate))
            yield key, Amount(int(gross) - int(tax), int(tax))


def _moved(sums: DaySums, mapping: Mapping, store: Store) -> Iterator[tuple[PostingKey, Amount]]:
    """Money into the till credits its nominal, money out of it debits it; neither is a sale (H11)."""
    for category, minor in sums.moved.items():
        yield _leg(Role.MOVEMENT, mapping.movements[category], store, detail=category), Amount(-minor, 0)


def _tenders(sums: DaySums, mapping: Mapping, store: Store, accounts: Accounts) -> Iterator[tuple[PostingKey, Amount]]:
    for tender, minor in sums.taken.items():
        target = mapping.tenders[tender]
        if target == CUSTOMER:
            continue  # by customer, below
        yield _deposit(target, store, accounts), Amount(minor, 0)


def _accounts(sums: DaySums, mapping: Mapping, store: Store, accounts: Accounts) -> Iterator[tuple[PostingKey, Amount]]:
    """Sales on account charge the customer, what is paid off credits it."""
    for by_customer, sign in ((sums.on_account, 1), (sums.paid_off, -1)):
        for customer, minor in by_customer.items():
            key = _leg(Role.ACCOUNT, accounts.till_control, store)._replace(account=mapping.customers[customer])
            yield key, Amount(sign * minor, 0)


def _over_short(
    sums: DaySums, mapping: Mapping, store: Store, accounts: Accounts
) -> Iterator[tuple[PostingKey, Amount]]:
    """What was counted is banked; the difference goes to its own nominal and never reduces the takings (H6)."""
    for tender, over in sums.over_short.items():
        target = mapping.tenders[tender]
        if target == CUSTOMER:
            continue  # an account can't be counted
        yield _deposit(target, store, accounts), Amount(over, 0)
        yield _leg(Role.OVER_SHORT, accounts.over_short, store, detail=tender), Amount(-over, 0)


def _rounding(sums: DaySums, store: Store, accounts: Accounts) -> Iterator[tuple[PostingKey, Amount]]:
    yield _leg(Role.ROUNDING, accounts.rounding, store), Amount(-sums.rounding_minor, 0)


def _deposit(target: str, store: Store, accounts: Accounts) -> PostingKey:
    if target == VOUCHER:
        return _leg(Role.VOUCHER, accounts.voucher_liability, store)
    return _leg(Role.DEPOSIT, target, store)


def _leg(role: Role, nominal: str, store: Store, detail: str = "") -> PostingKey:
    return PostingKey(role, nominal, store.department, OFF_THE_RETURN, "", detail)
