"""The store-day: one store, one trading day. Its states, and the reasons why it may wait.

Words and order of the states: docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from storeday.model.errors import StoredayError
from storeday.model.money import money


class State(StrEnum):
    """Where a store-day is on its way into Sage."""

    EXPECTED = "expected"  # nothing came yet
    RECEIVED = "received"  # files came, nothing is decided
    HELD = "held"  # a check stopped it, with a named reason
    ROLLED_BACK = "rolled back"  # a person took it back: nothing of it is wanted in Sage until it is released
    READY = "ready"  # checked, its posting lines are known
    STAGED = "staged"  # in a draft batch
    DELIVERED = "delivered"  # handed over to be imported
    CONFIRMED = "confirmed"  # Sage's own figures agree

    @property
    def is_staged(self) -> bool:
        """Whether it is in a batch, delivered or not."""
        return self in {State.STAGED, State.DELIVERED, State.CONFIRMED}

    @property
    def waits_for_a_person(self) -> bool:
        """Whether it has reasons to wait that somebody should look at."""
        return self in {State.HELD, State.ROLLED_BACK}


class Ends(StrEnum):
    """What ends a hold, beside a file or a setting that takes its cause away."""

    CORRECTION = "correction"  # nothing else: no person can let through what can't be posted
    GAP = "gap"  # a person accepts the numbers that are missing
    VERSION = "version"  # a person accepts one of the files that contradict each other
    RELEASE = "release"  # a person says that it is right as it is


@dataclass(frozen=True)
class Example:
    """One of the things a check found: a receipt, a code, a Z, in words, and where it stands."""

    what: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = f"  {self.file} line {self.line}" if self.file else ""
        return self.what + where


@dataclass(frozen=True)
class Snippet:
    """Ready-made lines of a settings file that take a hold's cause away, once a person filled them in."""

    file: str  # below the company's folder
    how: str  # where in the file they go and what is to be filled in, as the sentence before a colon
    text: str


@dataclass(frozen=True)
class Hold:
    """One named reason why a store-day waits: what, how many, how much, the first of them, what now.

    ``out_by_minor`` is None where the fault has no amount. ``about`` says exactly what was found, so that a
    person decides about that and nothing else: gaps, digests of files, or one digest of all findings. The same
    object makes the log line, the table of the command line, the board's panel and the sheet's paragraph.
    """

    check: str  # the check's name, as in docs/feeds/storeday-csv.md
    found: int
    of: int
    unit: str  # what is counted: receipts, lines, codes, tills, Zs, files
    out_by_minor: int | None
    examples: tuple[Example, ...] = ()
    what_now: str = "Ask the store for a corrected file."
    snippets: tuple[Snippet, ...] = ()
    ends_by: Ends = Ends.CORRECTION
    about: tuple[str, ...] = ()

    def headline(self) -> str:
        """The reason in one line."""
        out_by = "" if self.out_by_minor is None else f", out by {money(self.out_by_minor)} in all"
        count = "" if self.unit == "store-days" else f": {self.found:,} of {self.of:,} {self.unit}"
        return f"{self.check}{count}{out_by}"

    def snippet_lines(self) -> list[str]:
        """What to paste, from the edge of the page, so that it can be taken as it stands."""
        return [line for each in self.snippets for line in (f"  {each.how}:", *each.text.splitlines())]


@dataclass(frozen=True)
class Warned(Hold):
    """Something worth a look that holds nothing: shown in the sheet."""


@dataclass
class StoreDayHeld(StoredayError):
    """A store-day that a check stopped. Bad data: trying again changes nothing until something comes."""

    store: str
    day: date
    holds: list[Hold] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(held_text(self.store, self.day, self.holds))


class NothingReceived(StoredayError):
    """No file of a store-day is here yet."""


def held_text(store: str, day: date, holds: list[Hold]) -> list[str]:
    """A held store-day in lines that a shop manager understands."""
    lines = reasons_text(store, day, holds)
    if any(hold.ends_by is not Ends.CORRECTION for hold in holds):
        lines.append(f"What a person may decide: storeday hold show {store} {day.isoformat()}")
    return lines


def reasons_text(store: str, day: date, holds: Iterable[Hold]) -> list[str]:
    """What holds a store-day, each reason in a few lines."""
    lines: list[str] = []
    for hold in holds:
        lines.append(f"{store} {day.isoformat()} held: {hold.check}")
        out_by = "" if hold.out_by_minor is None else f", out by {money(hold.out_by_minor)} in all"
        lines.append(f"  {hold.found:,} of {hold.of:,} {hold.unit}{out_by}")
        lines.extend(f"  {example}" for example in hold.examples)
        lines.append(f"  {hold.what_now}")
        lines.extend(hold.snippet_lines())
    return lines
