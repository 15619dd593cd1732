"""The posting profiles by the name that a company's settings give. Source: docs/postings.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from storeday.sage50 import uk_bank_receipts, uk_journal, uk_takings_customer
from storeday.sage50.rows import Row
from storeday.sage50.staged_day import StagedDay

PROFILES: Final[dict[str, Callable[[StagedDay], list[Row]]]] = {
    "bank_receipts": uk_bank_receipts.rows_of,
    "takings_customer": uk_takings_customer.rows_of,
    "journal": uk_journal.rows_of,
}


def rows_of(day: StagedDay) -> list[Row]:
    """The rows of one store-day under its company's profile."""
    return PROFILES[day.company.profile](day)
