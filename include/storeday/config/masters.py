"""A company's lists: the articles that it sells, what single stores' tills call them, its customers.

Kept as CSV files beside company.yaml, since people keep them in spreadsheets. Only an article's ``sku`` must be
there; what else Sage's records want is asked for where such records are written. Source of the sizes: sage50-uk
reference, 2.2 and 2.3.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from storeday.config.mappings import AccountRef
from storeday.config.strict import Strict
from storeday.model.money import minor_of

Text8 = Annotated[str, StringConstraints(max_length=8)]
Text16 = Annotated[str, StringConstraints(max_length=16)]
Text30 = Annotated[str, StringConstraints(max_length=30)]
Text60 = Annotated[str, StringConstraints(max_length=60)]
YesNo = Literal["yes", "no"]
Department = Annotated[int, Field(ge=0, le=999)]


STOCK_CODE: Final = re.compile(r"[A-Za-z0-9][!#-~]{0,29}")
"""A product's code in Sage: no space, no double quote, nothing that begins like a formula (reference, 1.2 and 2.3)."""


def _minor(text: Any) -> Any:
    return minor_of(text) if isinstance(text, str) else text


Amount = Annotated[int, BeforeValidator(_minor), Field(ge=0, le=9_999_999_999)]
"""An amount, number or weight of at most 8 digits and 2 decimals, kept in hundredths."""


class Article(Strict):
    """One row of skus.csv: an article by its SKU, and what Sage's product record may say of it."""

    sku: Annotated[str, StringConstraints(min_length=1)]
    description: Text60 = ""
    category: str = ""  # as the tills call it; the mapping makes a sales nominal of it
    tax_class: str = ""  # as the tills call it
    price: Amount | None = None  # Sage's sales price, carried as it is written
    cost: Amount | None = None
    unit: Text8 = ""
    location: Text16 = ""
    stock_category: Annotated[int, Field(ge=1, le=999)] | None = None
    barcode: Text60 = ""
    department: Department | None = None
    supplier: AccountRef = ""
    supplier_part: Text16 = ""
    reorder_level: Amount | None = None
    commodity: Text30 = ""
    weight: Amount | None = None
    reorder_quantity: Amount | None = None
    in_sage: YesNo | None = None  # whether Sage has the product already; None: nothing is said


class Alias(Strict):
    """One row of sku_aliases.csv: what a store's tills call an article."""

    store: str = ""  # empty: what the tills of every store call it
    code: Annotated[str, StringConstraints(min_length=1)]
    sku: Annotated[str, StringConstraints(min_length=1)]


class Customer(Strict):
    """One row of customers.csv: a customer's account in Sage, and what its record says."""

    account: AccountRef
    name: Text60 = ""
    street_1: Text60 = ""
    street_2: Text60 = ""
    town: Text60 = ""
    county: Text60 = ""
    postcode: Text60 = ""
    contact: Text30 = ""
    telephone: Text30 = ""
    email: Annotated[str, StringConstraints(max_length=255, pattern=r"^[A-Za-z0-9][!-~]*@[!-~]+$")] = ""
    vat_number: Annotated[str, StringConstraints(max_length=20)] = ""  # Sage's database holds 20
    department: Department | None = None
    credit_limit: Amount | None = None
    terms: Text30 = ""
    in_sage: YesNo
