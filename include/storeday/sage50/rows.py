"""A row of Sage 50's audit trail import, before it is text."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

HEADER = (
    "Type,Account Reference,Nominal A/C Ref,Department Code,Date,Reference,Details,Net Amount,Tax Code,Tax Amount,"
    "Exchange Rate,Extra Reference,User Name,Project Refn,Cost Code Refn"
).split(",")
"""The 15 columns, in the template's words. Source: sage50-uk reference, 1.1."""


class Row(NamedTuple):
    """One row; amounts in minor units and never negative, since the type carries the direction."""

    type: str  # BR, SC, SP, SA, JD, JC
    account: str
    nominal: str
    department: int
    date: date
    reference: str
    details: str
    net_minor: int
    tax_code: str
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        """Net and tax together."""
        return self.net_minor + self.tax_minor
