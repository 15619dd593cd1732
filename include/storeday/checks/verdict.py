"""The verdict on store-days: what holds each, what is worth a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storeday.checks.decided import accepted, unless_released
from storeday.checks.docs import DataDocs
from storeday.checks.frames import Frames, Given, frames_of
from storeday.checks.suites import Asserted, CheckCrashed, Held, Suites
from storeday.checks.together import Framed, SharedDocs, hold_all
from storeday.checks.words import Wording
from storeday.model.store_day import Hold, Warned


@dataclass(frozen=True)
class Verdict:
    """What the checks found."""

    holds: list[Hold]
    warnings: list[Warned]
    asserted: tuple[Asserted, ...] = ()  # every expectation that was held against the day

    @property
    def is_held(self) -> bool:
        """Whether anything stops the store-day."""
        return bool(self.holds)


@dataclass(frozen=True)
class Looked:
    """One store-day that is to be checked."""

    given: Given
    file_names: dict[str, str]  # by digest, for the messages
    docs: DataDocs  # where what is found goes
    basis: str  # a digest of all that is looked at


def check_store_days(days: Sequence[Looked], suites: Suites, shared: SharedDocs) -> list[Verdict | Exception]:
    """Run the suites over store-days of one trading day, over those that are alike at once.

    A verdict each, as it would be if the store-day were checked by itself, or what kept it from one: CheckCrashed where
    a rule could not be evaluated. What a person decided about is a warning and no hold. ``shared`` says where the pages
    lie that several share.
    """
    said: dict[int, Verdict | Exception] = {}
    framed: dict[int, Framed] = {}
    for number, day in enumerate(days):
        try:
            framed[number] = _framed(day)
        except Exception as error:
            said[number] = error
    for number, held in hold_all(framed, suites, shared).items():
        if isinstance(held, CheckCrashed):
            said[number] = held
            continue
        try:
            said[number] = _verdict(days[number], framed[number].frames, held)
        except Exception as error:
            said[number] = error
    return [said[number] for number in range(len(days))]


def _framed(day: Looked) -> Framed:
    given = day.given
    company = given.company.company.code
    return Framed(frames_of(given), _parameters(given), day.docs, company, given.store.code, day.basis)


def _parameters(given: Given) -> dict[str, int]:
    """What rules may ask for by name."""
    tolerances = given.store.tolerances
    return {
        "tax_tolerance_low": -tolerances.tax,
        "tax_tolerance_high": tolerances.tax,
        "rounding_low": -tolerances.rounding_a_day,
        "rounding_high": tolerances.rounding_a_day,
    }


def _verdict(day: Looked, frames: Frames, held: Held) -> Verdict:
    decisions, wording = day.given.decisions, Wording(day.given, frames, day.file_names)
    said = [unless_released(wording.hold(finding), decisions) for finding in held.findings]
    said += accepted(decisions, frames, day.file_names)
    return Verdict(
        holds=[hold for hold in said if not isinstance(hold, Warned)],
        warnings=[hold for hold in said if isinstance(hold, Warned)],
        asserted=held.asserted,
    )
