"""What people are told about without having to look: a cause, a store and a day, in words without any customer's data.

Source: docs/alerts.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Cause(StrEnum):
    """Why somebody is told. A cause that comes to be known is one line here."""

    HELD = "held"
    MISSING = "missing"  # nothing came, or not all, when the day was closed
    LATE = "late"  # not delivered when the run's deadline passed
    APPROVAL = "approval"  # a batch waits for a person
    FAILED = "failed"  # a task ended red, beside what the other causes tell
    STUCK_FILE = "stuck_file"  # without its marker for too long
    VANISHING = "vanishing"  # a store's server is about to drop files that are missing here
    STOCK = "stock"  # counts too far from the book
    UNMATCHED = "unmatched"  # Sage and what was handed over are not the same
    BANK = "bank"  # the bank's statement and what was taken are not the same
    DIGEST = "digest"  # how a day stands, once a day


HEADLINES = {
    Cause.HELD: "held",
    Cause.MISSING: "missing",
    Cause.LATE: "not delivered by the deadline",
    Cause.APPROVAL: "waits for approval",
    Cause.FAILED: "a task failed",
    Cause.STUCK_FILE: "files without their marker",
    Cause.VANISHING: "about to vanish from the store's server",
    Cause.STOCK: "stock counted differently",
    Cause.UNMATCHED: "not the same in Sage",
    Cause.BANK: "not the same in the bank",
    Cause.DIGEST: "the day so far",
}


@dataclass(frozen=True)
class Alert:
    """One thing to tell of one company. ``about`` sets apart what is told of one store and day: a file, a task."""

    cause: Cause
    company: str
    trading_day: date
    store: str  # empty where it is about the company
    reason: str
    about: str = ""
