"""An acceptance: a report of a period that went through the stand-in Sage, and its signature.

Source: docs/cutover.md, "Acceptance".
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Acceptance:
    """One report of one company.

    ``covered`` are the settings that it holds for, as JSON: another profile or another fact of Sage's wants another
    report. ``open`` says why it can't be signed.
    """

    company: str
    first: date
    last: date
    digest: str  # SHA-256 of the report
    covered: str
    open: tuple[str, ...] = ()
    signed_by: str = ""
    signed_why: str = ""
    signed_at: datetime | None = None

    @property
    def is_signed(self) -> bool:
        """Whether a person signed it off."""
        return self.signed_at is not None

    @property
    def words(self) -> str:
        """What it is and how it stands, on one line."""
        named = f"{self.company} {self.first.isoformat()} to {self.last.isoformat()} ({self.digest[:12]})"
        if self.is_signed:
            return f"{named}: signed off by {self.signed_by}: {self.signed_why}"
        several = "s" if len(self.open) > 1 else ""
        return f"{named}: {len(self.open)} thing{several} to put right" if self.open else f"{named}: not signed yet"


def covers(covered: str) -> str:
    """The digest by which the settings of an acceptance are known."""
    return hashlib.sha256(covered.encode()).hexdigest()


def changed(before: str, now: str) -> list[str]:
    """What differs between the settings of two acceptances, each with its name.

    >>> changed('{"profile": "journal"}', '{"profile": "bank_receipts"}')
    ['profile was journal, is bank_receipts']
    """
    was, has = _flat(json.loads(before)), _flat(json.loads(now))
    return [
        f"{name} was {was.get(name, 'not said')}, is {has.get(name, 'not said')}"
        for name in sorted({*was, *has})
        if was.get(name) != has.get(name)
    ]


def _flat(said: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in said.items():
        found |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return found
