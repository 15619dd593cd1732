"""The suites of include/expectations: what they say, and what comes of them. validation.py runs them.

One suite a frame, as a JSON file that a data engineer edits. What an expectation means to a shop manager
stands in its ``meta``: ``check`` (the sentence), ``unit`` (what is counted), ``amount`` (the column that
says how far out), ``what_now``, ``ends_by`` (what a person may do about it; release where it is not said).
A rule that crashed is an error of ours and never bad data.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from storeday.model.errors import SettingsError, StoredayError
from storeday.model.store_day import Ends


class CheckCrashed(StoredayError):
    """A rule could not be evaluated: ours to mend. The store-day is neither held nor let through."""


@dataclass(frozen=True)
class Finding:
    """What one expectation found wrong."""

    frame: str
    column: str | None  # None: the rule is about the whole frame
    meta: dict[str, Any]
    is_warning: bool
    rows: tuple[int, ...]  # of the frame
    of: int


@dataclass(frozen=True)
class Asserted:
    """One expectation that was held against a frame, and whether it was met."""

    frame: str
    column: str | None
    rule: str  # Great Expectations' name
    check: str
    is_warning: bool
    is_met: bool


@dataclass(frozen=True)
class Held:
    """What the suites came to: every expectation that was held against a frame, and what those not met found."""

    asserted: tuple[Asserted, ...]
    findings: tuple[Finding, ...]
    results: dict[str, Any] = field(
        default_factory=dict, compare=False, repr=False
    )  # Great Expectations' own, by frame


ENDS_OF_COLUMNS: Final = {
    Ends.GAP: ("missing_receipts", "missing_z"),
    Ends.VERSION: ("versions",),
}
"""Columns whose findings a person can accept piece by piece."""

Suites = dict[str, list[dict[str, Any]]]


def read_suites(folder: Path) -> Suites:
    """The suites by frame. Raises: SettingsError naming the file that can't be read."""
    problems: list[str] = []
    suites: Suites = {}
    for file in sorted(folder.glob("*.json")):
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            suites[said["name"]] = list(said["expectations"])
            problems += [f"{file.name}: {fault}" for rule in said["expectations"] for fault in _faults(rule)]
        except (ValueError, KeyError, TypeError, OSError) as error:
            problems.append(f"{file.name}: not a suite of expectations ({error})")
    if not suites and not problems:
        problems.append(f"{folder}: no suite here; set STOREDAY_EXPECTATIONS to the folder of suites")
    if problems:
        raise SettingsError(problems)
    return suites


def _faults(rule: dict[str, Any]) -> list[str]:
    ends, column = rule.get("meta", {}).get("ends_by", Ends.RELEASE), rule.get("kwargs", {}).get("column")
    if ends not in list(Ends):
        return [f"ends_by: {ends!r} is none of {', '.join(Ends)}"]
    if ends in ENDS_OF_COLUMNS and column not in ENDS_OF_COLUMNS[ends]:
        return [f"ends_by: {ends} is for the columns {', '.join(ENDS_OF_COLUMNS[ends])}, not for {column}"]
    return []


def digest_of(suites: Suites) -> str:
    """SHA-256 of what the suites say."""
    return hashlib.sha256(json.dumps(suites, sort_keys=True).encode()).hexdigest()
