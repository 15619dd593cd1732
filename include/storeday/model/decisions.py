"""What a person decided about a store-day: in force until it is withdrawn, and about what the person saw alone.

Source: docs/runbooks/day-held.md; peers.md, Oracle Retail Sales Audit (an error is corrected, or overridden by a
named person).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a decision does."""

    ACCEPT_GAP = "accept_gap"  # numbers that nobody will send any more
    ACCEPT_VERSION = "accept_version"  # of files that contradict each other, one counts
    RELEASE = "release"  # what a check found is right as it is
    ROLLBACK = "rollback"  # nothing of the store-day is wanted in Sage


class Gap(NamedTuple):
    """Running numbers of a till that are in no file, the first and the last of them as the till writes them.

    >>> str(Gap("01", "receipt", "000007", "000009")), Gap.read("01 Z 0012-0012")
    ('01 receipt 000007-000009', Gap(till='01', counter='Z', first='0012', last='0012'))
    """

    till: str
    counter: str  # receipt or Z
    first: str
    last: str

    def __str__(self) -> str:
        return f"{self.till} {self.counter} {self.first}-{self.last}"

    @property
    def words(self) -> str:
        """As people read it."""
        numbers = self.first if self.first == self.last else f"{self.first} to {self.last}"
        return f"till {self.till} {self.counter} {numbers}"

    @staticmethod
    def read(text: str) -> Gap:
        """The gap that was written as text."""
        till, counter, numbers = text.rsplit(" ", 2)
        first, _, last = numbers.partition("-")
        return Gap(till, counter, first, last)


@dataclass(frozen=True)
class Decision:
    """One decision. ``about`` is that of the hold; of ACCEPT_VERSION the digest that counts stands first."""

    kind: Kind
    check: str  # the check's name; empty for a rollback
    about: tuple[str, ...]
    why: str
    by: str

    @property
    def words(self) -> str:
        """What was decided, on one line."""
        match self.kind:
            case Kind.ACCEPT_GAP:
                what = ", ".join(Gap.read(gap).words for gap in self.about[:5])
                what += f" and {len(self.about) - 5:,} more gaps" if len(self.about) > 5 else ""
            case Kind.ACCEPT_VERSION:
                what = f"file {self.about[0][:8]} counts, not {', '.join(file[:8] for file in self.about[1:])}"
            case _:
                what = ""
        return ": ".join(part for part in (str(self.kind).replace("_", " "), self.check, what) if part)


@dataclass(frozen=True)
class Decided(Decision):
    """A decision as the ledger has it."""

    number: int
    store: str
    trading_day: date
    at: datetime
    withdrawn: str = ""  # why and by whom it no longer counts

    @property
    def is_in_force(self) -> bool:
        """Whether it still counts."""
        return not self.withdrawn
