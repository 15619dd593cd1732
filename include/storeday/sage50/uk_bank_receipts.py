"""The posting profile `bank_receipts` for Sage 50 UK: posting lines into rows.

Sales are bank receipts into the till control account, one row a (nominal, department, tax code) with the
tax on the row. What is net negative is a credit (SC) on the takings customer, paid back from the till
control account (SP), since a bank payment would move the wrong VAT boxes. Tenders and the rest are
journals off the VAT return. Sources: docs/postings.md; sage50-uk reference, 1.4, 1.5, 1.9.
"""

from __future__ import annotations

from collections.abc import Iterator

from storeday.model.postings import Amount, Role
from storeday.sage50.rows import Row
from storeday.sage50.staged_day import (
    StagedDay,
    account_rows,
    by_direction,
    journal_row,
    leg_words,
    off_the_return,
    row_of,
    sales_words,
)


def rows_of(day: StagedDay) -> list[Row]:
    """The rows of one store-day, in the order of its posting lines."""
    return [*_sales_rows(day), *account_rows(day), *_journal_rows(day)]


def _sales_rows(day: StagedDay) -> Iterator[Row]:
    credits: list[Row] = []
    control = day.company.accounts.till_control
    for key, amount in day.legs(Role.SALES):
        received, credited = by_direction(day, key, amount)
        if received.net:
            yield row_of(day, "BR", control, key, received, sales_words(key, credited=False))
        if credited.net:
            words = sales_words(key, credited=True)
            credits.append(row_of(day, "SC", day.takings_customer, key, credited, words))
    yield from credits
    if paid_back := sum(row.gross_minor for row in credits):
        till = off_the_return(day, control)
        yield row_of(day, "SP", day.takings_customer, till, Amount(paid_back, 0), "Refunds paid")


def _journal_rows(day: StagedDay) -> Iterator[Row]:
    legs = [(key, a.net) for key, a in day.lines.items() if not key.role.is_sale and key.role is not Role.ACCOUNT]
    rows = [journal_row(day, key, debit, leg_words(key, debit)) for key, debit in legs]
    if control := -sum(debit for _, debit in legs):
        till = off_the_return(day, day.company.accounts.till_control)
        rows.append(journal_row(day, till, control, "Till control"))
    yield from (row._replace(reference=f"{day.reference}-T") for row in rows)
