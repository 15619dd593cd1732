"""Persons' decisions at work: a hold that somebody released becomes a warning that says who and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from storeday.checks.frames import Frames
from storeday.model.decisions import Decision, Gap, Kind
from storeday.model.store_day import Ends, Example, Hold, Warned


def unless_released(hold: Hold, decisions: Iterable[Decision]) -> Hold:
    """The hold, or the warning that it is once somebody released exactly what it found."""
    if hold.ends_by is not Ends.RELEASE or isinstance(hold, Warned):
        return hold
    for made in decisions:
        if made.kind is Kind.RELEASE and (made.check, made.about) == (hold.check, hold.about):
            said = asdict(hold) | {"examples": hold.examples, "what_now": f"Released by {made.by}: {made.why}"}
            return Warned(**said)
    return hold


def accepted(decisions: Iterable[Decision], frames: Frames, file_names: dict[str, str]) -> list[Warned]:
    """What somebody accepted and so holds nothing: numbers that never came, and files that others gave way to."""
    tills = frames.get("tills")
    letting_go = set() if tills is None else set(tills.loc[tills["accepted"] > 0, "till"])
    found = []
    for made in decisions:
        if made.kind is Kind.ACCEPT_GAP:
            gaps = [gap for gap in map(Gap.read, made.about) if gap.till in letting_go]
            found += [_warning(made, "gaps", [gap.words for gap in gaps])] if gaps else []
        elif made.kind is Kind.ACCEPT_VERSION:
            counts, *others = (f"{file_names.get(file, 'a file')} ({file[:8]})" for file in made.about)
            found.append(_warning(made, "choices", [f"{counts} counts, not {', '.join(others)}"]))
    return found


def _warning(made: Decision, unit: str, said: list[str]) -> Warned:
    return Warned(
        check=made.check,
        found=len(said),
        of=len(said),
        unit=unit,
        out_by_minor=None,
        examples=tuple(Example(words) for words in said),
        what_now=f"Accepted by {made.by}: {made.why}",
    )
