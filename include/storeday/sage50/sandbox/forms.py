"""The forms of single fields: what each may look like, and what it says.

Every function takes the text and gives the value, or raises FieldRefused with the reason. Source: sage50-uk
reference, 1.1 (types and sizes), 1.2 (characters), 1.3 (dates), 1.5 (signs), 1.6 (blank tax), 2.2 to 2.4 (records).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from storeday.config.sage_facts import SageFacts
from storeday.model.money import minor_of
from storeday.sage50.sandbox.file_text import FieldRefused

ACCOUNT_SIZE: Final = 8
_AMOUNT: Final = re.compile(r"-?\d{1,8}(\.\d{1,2})?", re.ASCII)
_SEPARATED: Final = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d{1,2})?", re.ASCII)
_NOMINAL: Final = re.compile(r"\d{1,8}", re.ASCII)
_TAX_CODE: Final = re.compile(r"T(\d|[1-9]\d)", re.ASCII)
_DATES: Final = (
    re.compile(r"(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})", re.ASCII),
    re.compile(r"(?P<d>\d\d)(?P<m>\d\d)(?P<y>\d{4})", re.ASCII),
    re.compile(r"(?P<d>\d\d)(?P<m>\d\d)(?P<y>\d\d)", re.ASCII),
)


def text_of(name: str, value: str, size: int, facts: SageFacts) -> str:
    """A text of at most ``size`` characters on one line."""
    if not value.isprintable():
        raise FieldRefused(f"{name} {value!r} has a control character")
    if len(value) > size:
        if facts.long_text == "refuse":
            raise FieldRefused(f"{name} {value!r} has {len(value)} characters; it takes {size}")
        return value[:size]
    return value


def account_of(value: str, facts: SageFacts) -> str:
    """A reference of a customer, supplier or bank."""
    if facts.account_spelling == "crop":
        value = value.upper().replace(" ", "")[:ACCOUNT_SIZE]
    if not value:
        raise FieldRefused("the account reference is missing")
    if len(value) > ACCOUNT_SIZE or " " in value or not value.isprintable():
        raise FieldRefused(f"account {value!r} is over {ACCOUNT_SIZE} characters or has a space in it")
    return value


def nominal_of(value: str) -> str:
    """A nominal code: digits, whose leading zeros count."""
    if not _NOMINAL.fullmatch(value):
        raise FieldRefused(f"nominal {value!r} is not 1 to 8 digits")
    return value


def amount_of(name: str, value: str, facts: SageFacts, *, may_be_negative: bool) -> int:
    """An amount of 8 digits and 2 decimals, in minor units; a quantity likewise, in hundredths."""
    if facts.amount_separators == "accept" and _SEPARATED.fullmatch(value):
        value = value.replace(",", "")
    if not _AMOUNT.fullmatch(value):
        raise FieldRefused(f"{name} {value!r} is not an amount of at most 8 digits and 2 decimals")
    minor = minor_of(value)
    if minor < 0 and not may_be_negative:
        raise FieldRefused(f"{name} {value} is negative; the type carries the direction")
    return minor


def tax_code_of(value: str) -> str:
    """A tax code; blank is T0."""
    if not _TAX_CODE.fullmatch(value or "T0"):
        raise FieldRefused(f"tax code {value!r} is not T0 to T99")
    return value or "T0"


def whole_number_of(name: str, value: str, least: int, most: int, blank: int = 0) -> int:
    """A whole number without decimals; ``blank`` where nothing is said."""
    if not value:
        return blank
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(most)) and least <= int(value) <= most):
        raise FieldRefused(f"{name} {value!r} is not a whole number from {least} to {most}")
    return int(value)


def day_of_text(value: str, program_date: date | None) -> date:
    """DD/MM/YYYY, DDMMYYYY or DDMMYY; blank is the program date."""
    if not value:
        if program_date is None:
            raise FieldRefused("the date is missing, and no program date was given to take its place")
        return program_date
    found = next((match for form in _DATES if (match := form.fullmatch(value))), None)
    if found is None:
        raise FieldRefused(f"date {value!r} is not DD/MM/YYYY")
    year = int(found["y"])
    try:
        return date(year if year > 99 else 2000 + year, int(found["m"]), int(found["d"]))
    except ValueError:
        raise FieldRefused(f"date {value} does not exist") from None
