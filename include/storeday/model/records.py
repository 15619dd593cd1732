"""Records of Sage that storeday may bring there: customers and products, each by its code."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class RecordKind(StrEnum):
    """What a record is of."""

    CUSTOMER = "customer"
    PRODUCT = "product"


class RecordKey(NamedTuple):
    """One record of a company."""

    kind: RecordKind
    code: str  # Sage's account reference or stock code
