"""Posting lines: what a store-day wants in Sage, before any edition's rows.

A line is a signed amount under a key; the same key twice is one line with the sum. What is staged is
wanted minus delivered, so these lines are what the ledger keeps of a batch. Source: docs/postings.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple


class Role(StrEnum):
    """What a posting line stands for."""

    SALES = "sales"  # net and tax to a sales nominal; positive is income
    REFUNDS = "refunds"  # the same of refund receipts, so negative on most days
    DEPOSIT = "deposit"  # money into a deposit nominal; positive is a debit
    VOUCHER = "voucher"  # voucher liability; positive is a debit (redeemed)
    ACCOUNT = "account"  # owed by a customer; positive is a debit
    OVER_SHORT = "over_short"  # positive is a debit (short)
    ROUNDING = "rounding"  # positive is a debit (tenders below receipts)
    MOVEMENT = "movement"  # in or out of the till and no sale (tips, petty cash); positive is a debit (out)

    @property
    def is_sale(self) -> bool:
        """Whether it carries net and tax to a sales nominal."""
        return self in {Role.SALES, Role.REFUNDS}


class PostingKey(NamedTuple):
    """What makes two amounts the same posting line."""

    role: Role
    nominal: str  # for ACCOUNT: the till control, since the customer says where
    department: int
    tax_code: str
    account: str  # the customer of ACCOUNT; empty otherwise
    detail: str  # the tender of over/short; empty otherwise


class Amount(NamedTuple):
    """Signed minor units; ``tax`` is nothing but on SALES and REFUNDS."""

    net: int
    tax: int

    @property
    def gross(self) -> int:
        """Net and tax together."""
        return self.net + self.tax


Lines = dict[PostingKey, Amount]

LINE_COLUMNS: Final = ("store", "trading_day", *PostingKey._fields, "net_minor", "tax_minor")
"""The columns of posting lines where they are kept."""


def summed(parts: Iterable[tuple[PostingKey, Amount]]) -> Lines:
    """Posting lines by key, those that come to nothing left out, in key order."""
    total: Lines = {}
    for key, amount in parts:
        before = total.get(key, Amount(0, 0))
        total[key] = Amount(before.net + amount.net, before.tax + amount.tax)
    return {key: total[key] for key in sorted(total) if total[key] != (0, 0)}


def with_refunds_netted(lines: Lines) -> Lines:
    """The same with each refund taken off the sales of its nominal, department and tax code."""
    return summed(
        (key._replace(role=Role.SALES) if key.role is Role.REFUNDS else key, amount) for key, amount in lines.items()
    )


def difference(wanted: Lines, delivered: Lines) -> Lines:
    """What is still to be staged: wanted minus delivered."""
    return summed([*wanted.items(), *((key, Amount(-a.net, -a.tax)) for key, a in delivered.items())])
