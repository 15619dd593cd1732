"""The posting profile `takings_customer` for Sage 50 UK: posting lines into rows.

All takings pass through the store's cash customer. Sales are invoices (SI), refunds and whatever else is net
negative are credits (SC), tenders are receipts on account into their deposit account (SA) or payments out of
it (SP). Gift cards, over/short, rounding and money in and out of the till are invoices and credits off the
VAT return. The customer ends at 0.00; in Sage the receipts are then allocated by hand, since an allocated
receipt can't be imported. Sources: docs/postings.md; sage50-uk reference, 1.4, 1.5, 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from storeday.model.postings import Amount, Role
from storeday.sage50.rows import Row
from storeday.sage50.staged_day import (
    StagedDay,
    account_rows,
    by_direction,
    leg_words,
    off_the_return,
    on_account,
    passed_on_words,
    row_of,
    sales_words,
)

_BESIDE_SALES: Final = (Role.VOUCHER, Role.OVER_SHORT, Role.ROUNDING, Role.MOVEMENT)


def rows_of(day: StagedDay) -> list[Row]:
    """The rows of one store-day: each type of the takings customer's together, then the other customers'."""
    on_takings = [*_invoices_and_credits(day), *_money(day)]
    order = ("SI", "SC", "SA", "SP")
    return [*sorted(on_takings, key=lambda row: order.index(row.type)), *account_rows(day)]


def _invoices_and_credits(day: StagedDay) -> Iterator[Row]:
    for key, amount in day.legs(Role.SALES, Role.REFUNDS):
        invoiced, credited = by_direction(day, key, amount)
        if invoiced.net:
            yield row_of(day, "SI", day.takings_customer, key, invoiced, sales_words(key, credited=False))
        if credited.net:
            yield row_of(day, "SC", day.takings_customer, key, credited, sales_words(key, credited=True))
    for key, amount in day.legs(*_BESIDE_SALES):
        kind = "SC" if amount.net > 0 else "SI"  # a credit debits its nominal
        yield row_of(day, kind, day.takings_customer, key, Amount(abs(amount.net), 0), leg_words(key, amount.net))


def _money(day: StagedDay) -> Iterator[Row]:
    """Tenders into and out of the deposit accounts, and what passes to customers' own accounts."""
    legs = [(key, amount.net, leg_words(key, amount.net)) for key, amount in day.legs(Role.DEPOSIT)]
    if passed_on := on_account(day):
        legs.append((off_the_return(day, day.company.accounts.till_control), passed_on, passed_on_words(passed_on)))
    for key, debit, words in legs:
        kind = "SA" if debit > 0 else "SP"
        yield row_of(day, kind, day.takings_customer, key, Amount(abs(debit), 0), words)
