"""Store-days of many stores held to the suites at once.

Great Expectations takes a fifth of a second for a store-day, whatever its rows. So the frames of store-days that are
alike are put below each other, and each suite is run once over all of them. A row that fails belongs to one store-day:
that one's frame is then judged by itself, as it would be alone, and those of all others are judged anew without it.
What a store-day comes to is the same either way; its pages may be pages that it shares.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from storeday.checks.docs import DataDocs, Shared, remove_unshared, shared_by, write_docs
from storeday.checks.frames import Frames
from storeday.checks.row_rules import columns_of, judges_rows
from storeday.checks.suites import Asserted, CheckCrashed, Held, Suites
from storeday.checks.validation import run_suites


@dataclass(frozen=True)
class Framed:
    """One store-day as the suites see it."""

    frames: Frames
    parameters: dict[str, int]
    docs: DataDocs
    company: str
    store: str
    basis: str  # a digest of all that it is made of


SharedDocs = Callable[[str], str]
"""The folder for pages that several store-days share, by a digest of them."""


def hold_all(days: Mapping[int, Framed], suites: Suites, folder: SharedDocs) -> dict[int, Held | CheckCrashed]:
    """What the suites come to on each store-day, by the number that it is given under; Data Docs are written."""
    before = [(day.docs.url, shared) for day in days.values() if (shared := shared_by(day.docs.url))]
    alike: dict[Any, list[int]] = defaultdict(list)
    for number, day in days.items():
        alike[_likeness(day, suites)].append(number)
    held: dict[int, Held | CheckCrashed] = {}
    for numbers in alike.values():
        held |= zip(numbers, _held([days[number] for number in numbers], suites, folder), strict=True)
    remove_unshared(before)
    return held


def _held(days: Sequence[Framed], suites: Suites, folder: SharedDocs) -> list[Held | CheckCrashed]:
    """What the suites come to on store-days that are alike."""
    together = _together(days, suites) if len(days) > 1 else None
    if together is None:
        return [_alone(day, suites) for day in days]
    shared = _write_shared(days, together, folder)
    return [
        _beside(day, suites, together, failing, shared) for day, failing in zip(days, together.failing, strict=True)
    ]


@dataclass(frozen=True)
class _Together:
    """What the suites came to on frames of several store-days, without those in which a row failed."""

    asserted: dict[str, list[Asserted]]  # by frame
    failing: list[set[str]]  # for each store-day: its frames in which a row failed
    results: dict[str, Any]  # by frame


def _likeness(day: Framed, suites: Suites) -> Any:
    """What store-days must have in common to be judged as one: company, parameters, the columns of their frames."""
    columns = []
    for name in day.frames.keys() & suites.keys():
        wanted = columns_of(suites[name])
        for column, dtype in day.frames[name].dtypes.items():
            columns.append((name, str(column), str(dtype) if column in wanted else ""))
    return day.company, tuple(sorted(columns)), tuple(sorted(day.parameters.items()))


def _together(days: Sequence[Framed], suites: Suites) -> _Together | None:
    """Each suite once over all; None where that can't be done, and each store-day is to be judged alone."""
    by_rows = {name: suites[name] for name in days[0].frames if name in suites and judges_rows(suites[name])}
    if not by_rows:
        return None
    parameters = days[0].parameters
    try:
        held = run_suites({name: _below(days, name, suites) for name in by_rows}, by_rows, parameters)
        failing = _failing(days, held)
        spoilt = {
            name: [d for d, f in zip(days, failing, strict=True) if name not in f] for name in set().union(*failing)
        }
        left = {name: _below(clean, name, suites) for name, clean in spoilt.items() if clean}
        again = run_suites(left, by_rows, parameters) if left else Held((), ())
    except CheckCrashed:
        return None  # in which of them it did, each finds out by itself
    if again.findings or not all(finding.rows for finding in held.findings):
        return None
    asserted: dict[str, list[Asserted]] = defaultdict(list)
    for each in (*(each for each in held.asserted if each.frame not in spoilt), *again.asserted):
        asserted[each.frame].append(each)
    results = {name: result for name, result in held.results.items() if name not in spoilt}
    return _Together(asserted, failing, {**results, **again.results})


def _below(days: Iterable[Framed], name: str, suites: Suites) -> pd.DataFrame:
    """A frame of several store-days, one below the other, with the columns that its suite looks at."""
    frames = [day.frames[name] for day in days]
    wanted = columns_of(suites[name])
    columns = [column for column in frames[0].columns if column in wanted]
    return pd.DataFrame({column: _one_column([frame[column] for frame in frames]) for column in columns})


def _one_column(parts: list[pd.Series[Any]]) -> Any:
    if isinstance(parts[0].dtype, np.dtype):
        return np.concatenate([part.to_numpy() for part in parts])
    return pd.concat(parts, ignore_index=True)


def _failing(days: Sequence[Framed], held: Held) -> list[set[str]]:
    """For each store-day: the frames in which one of its rows failed."""
    failing: list[set[str]] = [set() for _ in days]
    for finding in held.findings:
        ends = np.cumsum([len(day.frames[finding.frame]) for day in days])
        for number in np.unique(np.searchsorted(ends, finding.rows, side="right")).tolist():
            failing[number].add(finding.frame)
    return failing


def _write_shared(days: Sequence[Framed], together: _Together, folder: SharedDocs) -> Shared:
    """Write the pages that store-days share."""
    url = folder(hashlib.sha256("\n".join(day.basis for day in days).encode()).hexdigest()[:32])
    said = f"Store-days checked together: {', '.join(day.docs.title for day in days)}."
    if any(together.failing):
        said += " Where something was found, a store-day's table is on a page of its own and not in these."
    write_docs(DataDocs(url, "checked together", said), together.results)
    return Shared(tuple(url.rsplit("/", 3)[1:]), (), tuple(day.store for day in days))


def _beside(day: Framed, suites: Suites, together: _Together, failing: set[str], of: Shared) -> Held | CheckCrashed:
    """What the suites come to on one of them: its own frames are judged alone, the others were with all."""
    shared = [name for name in day.frames if name in together.asserted and name not in failing]
    said = f"{len(together.failing)} store-days were checked together; their pages are one." if shared else ""
    docs = replace(day.docs, said=said, shared=replace(of, frames=tuple(shared)) if shared else None)
    own = {name: frame for name, frame in day.frames.items() if name in suites and name not in shared}
    if not own:
        write_docs(docs, {})
        return Held(tuple(each for name in shared for each in together.asserted[name]), ())
    alone = _alone(replace(day, frames=own, docs=docs), suites)
    if isinstance(alone, CheckCrashed):
        return alone
    order = list(day.frames)
    asserted = [*alone.asserted, *(each for name in shared for each in together.asserted[name])]
    return replace(alone, asserted=tuple(sorted(asserted, key=lambda each: order.index(each.frame))))


def _alone(day: Framed, suites: Suites) -> Held | CheckCrashed:
    try:
        held = run_suites(day.frames, suites, day.parameters)
    except CheckCrashed as crash:
        return crash
    write_docs(day.docs, held.results)
    return held
