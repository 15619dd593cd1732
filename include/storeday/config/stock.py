"""What a company wants done with its stock: how SKUs are called in Sage, what a count means, when it is alarming.

Source: docs/stock.md; the stock transactions of the sage50-uk reference, 2.4.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from storeday.config.strict import Strict


def _in_thousandths(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    if not re.fullmatch(r"\d{1,8}(\.\d{1,3})?", text):
        raise ValueError(f"{text!r} is not a quantity with up to 3 decimals")
    return int(Decimal(text) * 1000)


def _in_basis_points(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", text):
        raise ValueError(f"{text!r} is not a percentage with up to 2 decimals")
    return int(Decimal(text) * 100)


class Threshold(Strict):
    """How far a count may be from the book before it is an alert: more than either limit is too far."""

    units: Annotated[int, BeforeValidator(_in_thousandths), Field(ge=0)] | None = None  # written "2.5", kept 2500
    percent: Annotated[int, BeforeValidator(_in_basis_points), Field(ge=0)] | None = None  # of the book, basis points

    @model_validator(mode="after")
    def _says_something(self) -> Threshold:
        if self.units is None and self.percent is None:
            raise ValueError("say units, percent or both")
        return self

    def is_passed(self, counted_milli: int, book_milli: int) -> bool:
        """Whether a count is too far from the book.

        >>> Threshold(units=2000, percent=1000).is_passed(97_000, 100_000)
        True
        >>> Threshold(percent=1000).is_passed(97_000, 100_000)
        False
        """
        out_by = abs(counted_milli - book_milli)
        by_units = self.units is not None and out_by > self.units
        by_percent = self.percent is not None and out_by * 10_000 > self.percent * abs(book_milli)
        return by_units or by_percent


class NotStocked(Strict):
    """What the tills sell and no stock is kept of. Gift cards never are."""

    categories: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()


class StockSettings(Strict):
    """How a company's stock goes to Sage."""

    first_day: date  # the first trading day whose movements are ours
    codes: Literal["shared", "per_store"]  # Sage's stock code: the SKU, or store-SKU, since Sage 50 has no locations
    first_count: Literal["book", "adjust"] = (
        "book"  # the first count of a SKU: sets the book, or Sage starts at nothing
    )
    returned: Literal["GI", "GR", "DI"] = "GI"  # Sage's type for what customers bring back; GR and DI are unproven
    threshold: Threshold = Threshold(units=0)  # of stores that name none: any difference is an alert
    not_stocked: NotStocked = NotStocked()

    def code_of(self, store: str, sku: str) -> str:
        """What a store's SKU is called in Sage."""
        return sku if self.codes == "shared" else f"{store}-{sku}"
