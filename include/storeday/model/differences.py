"""What Sage or a bank has and we have not, or the other way round: one difference, with its money and what to do.

Source: docs/reconcile.md, docs/bank.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from storeday.model.money import money


class DifferenceKind(StrEnum):
    """Why Sage and the tills are not the same. One fault has one kind."""

    NOT_IMPORTED = "not imported"  # a delivered batch, or a store-day of it, of which Sage has no row
    IMPORTED_TWICE = "imported twice"
    CHANGED = "changed in Sage"  # Sage deletes the row and posts another in its place
    DELETED = "deleted"
    BY_HAND = "posted by hand to our nominals"
    UNKNOWN_BATCH = "a batch we did not deliver"  # it looks like ours, and the ledger does not know it
    LOCKED_PERIOD = "in a locked period"  # not imported, as Sage refuses its date
    VAT_RECONCILED = "VAT-reconciled"  # on a VAT return already, and reversed by an entry of its own
    STOCK = "stock differs"
    VAT_BOX = "VAT box differs"  # and no row says why
    TENDER = "tender account differs"  # and no row says why
    DEPOSIT_NOT_COME = "deposit not come"
    DEPOSIT_SHORT = "deposit came short"
    DEPOSIT_LONG = "deposit came long"
    TAKEN_BACK = "taken back by the bank"
    NOT_EXPECTED = "in the bank, not expected"


QUANTITIES = frozenset({DifferenceKind.STOCK})
"""Kinds whose ``ours`` and ``sage`` are hundredths of a unit of stock and no money."""

BANK_KINDS = frozenset(
    {
        DifferenceKind.DEPOSIT_NOT_COME,
        DifferenceKind.DEPOSIT_SHORT,
        DifferenceKind.DEPOSIT_LONG,
        DifferenceKind.TAKEN_BACK,
        DifferenceKind.NOT_EXPECTED,
    }
)
"""Kinds that are between the tills and a bank's statement; ``sage`` is what came in the bank (docs/bank.md)."""

SAGE_KINDS = frozenset(DifferenceKind) - BANK_KINDS

BANK_STATEMENT = "bank statement"
"""The kind of a Reading that is of no Sage."""


@dataclass(frozen=True)
class Difference:
    """One difference. ``store`` is None where it is about a whole batch, or about no store-day of ours.

    ``ours_minor`` is what we handed over and ``sage_minor`` what Sage has, in minor units: net and tax of one row,
    sales of a whole store-day or batch, the total of a box or an account.
    """

    company: str
    kind: DifferenceKind
    store: str | None
    trading_day: date | None
    ours_minor: int
    sage_minor: int
    what: str  # the row, the batch, the box: in words
    reason: str  # the likely one
    what_now: str
    reference: str = ""
    batch: str = ""
    nominal: str = ""
    tax_code: str = ""
    department: int | None = None
    stock_code: str = ""
    imports: int = 0  # of IMPORTED_TWICE: how often it is in Sage

    @property
    def off_minor(self) -> int:
        """Sage less ours."""
        return self.sage_minor - self.ours_minor

    @property
    def there(self) -> str:
        """Who has the other figure."""
        return "bank" if self.kind in BANK_KINDS else "Sage"

    def headline(self) -> str:
        """Where, which kind, and how much, on one line."""
        day = self.trading_day.isoformat() if self.trading_day else ""
        where = " ".join(part for part in (self.store or self.company, day) if part)
        return f"{where} {self.kind}: {self.what}; ours {money(self.ours_minor)}, {self.there} {money(self.sage_minor)}"

    @property
    def digest(self) -> str:
        """The same for the same difference, found again by another reading."""
        said = {**as_said(self), "reason": "", "what_now": ""}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Reading:
    """What was read from Sage: from where, what kind of export, its digest, its rows and the days they are of."""

    company: str
    kind: str
    name: str
    sha256: str
    rows: int
    first: date | None  # None where nothing was in it
    last: date | None


def as_said(difference: Difference) -> dict[str, Any]:
    """A difference for JSON; days as text."""
    day = difference.trading_day
    return {**asdict(difference), "trading_day": day.isoformat() if day else None}


def difference_of(said: dict[str, Any]) -> Difference:
    """The difference that was said."""
    day = date.fromisoformat(said["trading_day"]) if said["trading_day"] else None
    return Difference(**{**said, "kind": DifferenceKind(said["kind"]), "trading_day": day})
