"""The verdict on a store-day: what holds it, what is worth a look."""

from __future__ import annotations

from dataclasses import dataclass

from storeday.checks.decided import accepted, unless_released
from storeday.checks.docs import DataDocs
from storeday.checks.frames import Given, frames_of
from storeday.checks.suites import Asserted, Suites
from storeday.checks.validation import run_suites
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


def check_store_day(given: Given, suites: Suites, file_names: dict[str, str], docs: DataDocs | None) -> Verdict:
    """Run the suites over a store-day; what a person decided about is a warning and no hold.

    ``file_names`` are the files' names by digest, for the messages.
    Raises: CheckCrashed where a rule could not be evaluated.
    """
    frames = frames_of(given)
    tolerances = given.store.tolerances
    parameters = {
        "tax_tolerance_low": -tolerances.tax,
        "tax_tolerance_high": tolerances.tax,
        "rounding_low": -tolerances.rounding_a_day,
        "rounding_high": tolerances.rounding_a_day,
    }
    held = run_suites(frames, suites, parameters, docs)
    wording = Wording(given, frames, file_names)
    said = [unless_released(wording.hold(finding), given.decisions) for finding in held.findings]
    said += accepted(given.decisions, frames, file_names)
    return Verdict(
        holds=[hold for hold in said if not isinstance(hold, Warned)],
        warnings=[hold for hold in said if isinstance(hold, Warned)],
        asserted=held.asserted,
    )
