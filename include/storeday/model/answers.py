"""What a person answered about a batch: approved or rejected, and of which bytes.

Source: docs/approval.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Answer:
    """One answer. ``digest`` is that of the batch's manifest as the person was shown it."""

    company: str
    trading_day: date
    batch: str
    digest: str
    is_approval: bool
    why: str
    by: str
    at: datetime | None = None  # None: not written down yet

    @property
    def words(self) -> str:
        """The answer on one line."""
        said = "approved" if self.is_approval else "rejected"
        return f"batch {self.batch} ({self.digest[:12]}) {said} by {self.by}" + (f": {self.why}" if self.why else "")
