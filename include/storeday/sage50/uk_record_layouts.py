"""The layouts of Sage 50 UK's customer and product records: the columns in order, and what each may hold.

Source: sage50-uk reference, 2.2 (A to AE), 2.3 (A to R), 1.2 (characters).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from storeday.config.masters import STOCK_CODE


@dataclass(frozen=True)
class Layout:
    """One kind of record; ``forms`` are patterns that a field fits as a whole where it is not empty."""

    file: str
    forms: dict[str, re.Pattern[str]]
    needed: frozenset[str]  # columns that are never empty

    @property
    def header(self) -> list[str]:
        """The columns in their order."""
        return list(self.forms)

    @property
    def code(self) -> str:
        """The column that names the record."""
        return self.header[0]


def _text(size: int) -> str:
    """Printable ASCII but the double quote, since nobody says how Sage reads one inside a field."""
    return rf"[!#-~]([ !#-~]{{0,{size - 2}}}[!#-~])?"


_AMOUNT: Final = r"[0-9]{1,8}\.[0-9]{2}"
_DEPARTMENT: Final = r"[0-9]{1,3}"
_NOMINAL: Final = r"[0-9]{1,8}"
_TAX_CODE: Final = r"T([0-9]|[1-9][0-9])"
_DAYS: Final = r"[0-9]{1,2}|[12][0-9]{2}|3[0-5][0-9]|36[0-5]"
_PERCENT: Final = r"[0-9]{1,2}\.[0-9]{2}"
_ACCOUNT: Final = r"[A-Z0-9_&./][A-Z0-9_\-&./]{0,7}"


def _layout(file: str, needed: set[str], *columns: tuple[str, str]) -> Layout:
    return Layout(file, {name: re.compile(form) for name, form in columns}, frozenset(needed))


CUSTOMERS: Final = _layout(
    "customers.csv",
    {"A/C", "Name"},
    ("A/C", _ACCOUNT),
    ("Name", _text(60)),
    *((f"Address Line {line}", _text(60)) for line in range(1, 6)),
    ("Contact Name", _text(30)),
    ("Telephone", _text(30)),
    ("Fax", _text(30)),
    *((f"Analysis {number}", _text(30)) for number in range(1, 4)),
    ("Department", _DEPARTMENT),
    ("VAT Number", _text(30)),
    ("M.T.D. Turnover", _AMOUNT),
    ("Y.T.D. Turnover", _AMOUNT),
    ("Prior Y.T.D. Turnover", _AMOUNT),
    ("Credit Limit", _AMOUNT),
    ("Trading Terms Text", _text(30)),
    ("Settlement Due Days", _DAYS),
    ("Settlement Discount %", _PERCENT),
    ("Default Nominal Code", _NOMINAL),
    ("Tax Code", _TAX_CODE),
    ("Trade Contact", _text(30)),
    ("Telephone 2", _text(30)),
    ("E-mail", _text(255)),
    ("Web Address", _text(255)),
    ("Discount Rate", _PERCENT),
    ("Payment Due Days", _DAYS),
    ("Terms Agreed Flag", "[01]"),
)
PRODUCTS: Final = _layout(
    "products.csv",
    {"Stock Code", "Tax Code"},
    ("Stock Code", STOCK_CODE.pattern),
    ("Description", _text(60)),
    ("Tax Code", _TAX_CODE),
    ("Sales Price", _AMOUNT),
    ("Last Cost Price (Standard)", _AMOUNT),
    ("Unit of Sale", _text(8)),
    ("Location", _text(16)),
    ("Nominal A/C Ref", _NOMINAL),
    ("Stock Category", r"[1-9][0-9]{0,2}"),
    ("Bar Code", _text(60)),
    ("Department", _DEPARTMENT),
    ("Supplier A/C Ref", _ACCOUNT),
    ("Supplier Part No.", _text(16)),
    ("Re-order Level", _AMOUNT),
    ("Com. Code Description", _text(30)),
    ("Weight", _AMOUNT),
    ("Stock Take Date", r"[0-9]{2}/[0-9]{2}/[0-9]{4}"),
    ("Re-Order Quantity", _AMOUNT),
)
LAYOUTS: Final = (CUSTOMERS, PRODUCTS)
"""In the order in which they are imported."""
