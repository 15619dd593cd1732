"""The posting profile `journal` for Sage 50 UK: posting lines into rows.

One balanced journal a store-day: sales credited with their tax code, their tax credited to the sales tax
control account with the same code, tenders and the rest off the VAT return. A journal never lowers a VAT
box: what is net negative would raise boxes 7 and 4 instead, and such a store-day is held by the VAT box
proof. Sources: docs/postings.md; sage50-uk reference, 1.9.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from storeday.model.postings import PostingKey, Role
from storeday.sage50.rows import Row
from storeday.sage50.staged_day import (
    StagedDay,
    account_rows,
    journal_row,
    leg_words,
    off_the_return,
    on_account,
    passed_on_words,
    sales_words,
)


def rows_of(day: StagedDay) -> list[Row]:
    """The rows of one store-day: customers' accounts, then its journal."""
    return [*account_rows(day), *_sales(day), *_tax(day), *_beside_sales(day)]


def _sales(day: StagedDay) -> Iterator[Row]:
    for key, amount in day.legs(Role.SALES):
        if amount.net:
            yield journal_row(day, key, -amount.net, sales_words(key, credited=amount.net < 0))


def _tax(day: StagedDay) -> Iterator[Row]:
    """One row a tax code, on the sales tax control account."""
    by_code: Counter[tuple[str, int]] = Counter()
    for key, amount in day.legs(Role.SALES):
        by_code[key.tax_code, key.department] += amount.tax
    for (code, department), tax in sorted(by_code.items()):
        if tax:
            key = PostingKey(Role.SALES, day.company.accounts.sales_tax, department, code, "", "")
            yield journal_row(day, key, -tax, "VAT on takings")  # below zero the day is held, whatever it is called


def _beside_sales(day: StagedDay) -> Iterator[Row]:
    for key, amount in day.lines.items():
        if not key.role.is_sale and key.role is not Role.ACCOUNT:
            yield journal_row(day, key, amount.net, leg_words(key, amount.net))
    if passed_on := on_account(day):
        till = off_the_return(day, day.company.accounts.till_control)
        yield journal_row(day, till, passed_on, passed_on_words(passed_on))
