"""Mappings: what the tills call things, and what Sage calls them, by date.

A company keeps dated blocks; each says only what changes from its day on, and what is in force on a day
is all blocks up to it laid over each other. POS codes that are not mapped hold the store-day: there is no
default nominal or tax code (retail rules, complaint 25).
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from storeday.config.strict import FILL_IN

VOUCHER: Literal["voucher"] = "voucher"
CUSTOMER: Literal["customer"] = "customer"
SPREAD: Literal["spread"] = "spread"

AccountRef = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_&./][A-Z0-9_\-&./]{0,7}$")]
"""A customer's reference in Sage: its safe signs, none in front that a spreadsheet would run (reference, 1.2)."""
SalesTarget = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,8}|voucher)$")]
"""A sales nominal, or the word voucher: the line sells a multi-purpose voucher, a liability."""
CategoryTarget = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,8}|voucher|customer|spread)$")]
"""As SalesTarget; customer: the line pays off the account of the receipt's customer; spread: the line is a
discount on the whole receipt, apportioned over its other lines."""
TenderTarget = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,8}|voucher|customer)$")]
"""A deposit nominal, voucher (a gift card redeemed) or customer (posted to the receipt's customer)."""


def _in_basis_points(percent: Decimal) -> Decimal:
    if percent != round(percent, 2):
        raise ValueError("a rate has at most two decimals, say 13.5")
    return percent


def _said(why: str) -> str:
    if why == FILL_IN:
        raise ValueError("is still to be filled in")
    return why


class TaxClass(BaseModel):
    """A tax class of the POS: Sage's tax code and the rate that belongs to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, StringConstraints(pattern=r"^T[0-9]{1,2}$")]
    rate: Annotated[Decimal, Field(ge=0, lt=100), AfterValidator(_in_basis_points)]

    @property
    def rate_bp(self) -> int:
        """The rate in basis points: 20 % is 2000."""
        return int(self.rate * 100)


class _Codes(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    tax_classes: dict[str, TaxClass] = {}
    categories: dict[str, CategoryTarget] = {}
    movements: dict[str, Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")]] = {}  # no sale: tips, petty cash
    skus: dict[str, SalesTarget] = {}  # where one SKU goes elsewhere than its category
    tenders: dict[str, TenderTarget] = {}
    customers: dict[str, AccountRef] = {}


class MappingBlock(_Codes):
    """What changes from ``valid_from`` on."""

    valid_from: date
    why: Annotated[str, AfterValidator(_said)] | None = None


class Mapping(_Codes):
    """What is in force on one day."""

    version: int  # how many blocks are in force
    valid_from: date  # of the newest of them

    @property
    def known_categories(self) -> frozenset[str]:
        """Every category that leads somewhere."""
        return frozenset({*self.categories, *self.movements})

    def rate_bp_of(self, tax_code: str) -> int:
        """The rate of one of Sage's tax codes in basis points; 0 for a code that no class leads to."""
        return next((tax.rate_bp for tax in self.tax_classes.values() if tax.code == tax_code), 0)

    def categories_to(self, target: str) -> list[str]:
        """The categories that lead to one target, sorted."""
        return sorted(code for code, found in self.categories.items() if found == target)

    def tenders_to(self, target: str) -> list[str]:
        """The tenders that lead to one target, sorted."""
        return sorted(code for code, found in self.tenders.items() if found == target)

    @property
    def digest(self) -> str:
        """SHA-256 of what the mapping says, wherever it came from."""
        said = self.model_dump(mode="json", exclude={"version", "valid_from"})
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def in_force(blocks: tuple[MappingBlock, ...], day: date) -> Mapping:
    """All blocks up to a day, laid over each other.

    Raises: LookupError where the first block begins later.
    """
    valid = [block for block in sorted(blocks, key=lambda b: b.valid_from) if block.valid_from <= day]
    if not valid:
        raise LookupError(f"no mapping is in force on {day:%d %b %Y}: the first begins later")
    merged: dict[str, dict[str, object]] = {name: {} for name in _Codes.model_fields}
    for block in valid:
        for name, codes in merged.items():
            codes.update(getattr(block, name))
    return Mapping(version=len(valid), valid_from=valid[-1].valid_from, **merged)  # type: ignore[arg-type]
