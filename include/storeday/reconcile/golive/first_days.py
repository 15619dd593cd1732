"""The first days of a store after its cutover: what is looked at beyond the checks of every day.

Pure: a day's figures and those of the days before it. What is found is worth a look and holds nothing.
Source: docs/cutover.md, "The first 30 days".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from storeday.config.first_days import FirstDays
from storeday.model.money import minor_of, money
from storeday.model.store_day import Example, Warned

NAMED: Final = "first days: "
"""How the names of these checks begin."""


@dataclass(frozen=True)
class Figures:
    """What of a store-day is compared: amounts in minor units."""

    day: date
    gross_minor: int
    codes: dict[str, int] = field(default_factory=dict)  # "tender CASH", "tax code T1", "category TIP": its amount
    over_short: dict[str, int] = field(default_factory=dict)  # by tender


def figures_said(day: date, gross_minor: int, summary: dict[str, Any]) -> Figures:
    """The figures of a store-day from what the ledger says of it (stages/figures.py)."""
    codes = {f"tender {code}": minor_of(amount) for code, amount in summary.get("tenders", {}).items()}
    codes |= {f"tax code {code}": minor_of(of["net"]) for code, of in summary.get("tax_codes", {}).items()}
    codes |= {f"category {code}": minor_of(amount) for code, amount in summary.get("moved", {}).items()}
    over = {tender: minor_of(amount) for tender, amount in summary.get("over_short", {}).items()}
    return Figures(day, gross_minor, codes, {tender: minor for tender, minor in over.items() if minor})


def mean_of_weekday(now: Figures, before: Sequence[Figures], weeks: int) -> tuple[int, int]:
    """The mean takings of the same weekday in the weeks before, in whole minor units, and of how many days it is."""
    days = {now.day - timedelta(weeks=n) for n in range(1, weeks + 1)}
    found = [each.gross_minor for each in before if each.day in days]
    return (sum(found) // len(found), len(found)) if found else (0, 0)


def extra_checks(now: Figures, before: Sequence[Figures], said: FirstDays) -> list[Warned]:
    """What is worth a look on one of a store's first days. ``before`` are the days before it that are known."""
    return [*_gross(now, before, said), *_new_codes(now, before), *_over_short(now)]


def _gross(now: Figures, before: Sequence[Figures], said: FirstDays) -> Iterator[Warned]:
    mean, days = mean_of_weekday(now, before, said.weeks)
    off = now.gross_minor - mean
    if days and abs(off) * 100 > said.gross_within_percent * abs(mean):
        several = "s" if days > 1 else ""
        yield Warned(
            check=f"{NAMED}takings far from those of its weekday",
            found=1,
            of=1,
            unit="store-days",
            out_by_minor=off,
            examples=(
                Example(
                    f"takings {money(now.gross_minor)}; {money(mean)} is the mean of {days} {now.day:%A}{several} "
                    f"before; the bound is {said.gross_within_percent} %"
                ),
            ),
            what_now="Ask the store whether the day was like that, or a file is missing or counted twice.",
        )


def _new_codes(now: Figures, before: Sequence[Figures]) -> Iterator[Warned]:
    """Codes that no day before had; none on the first day that is known, when all are new."""
    known = {code for each in before for code in each.codes}
    new = sorted(set(now.codes) - known) if before else []
    if new:
        yield Warned(
            check=f"{NAMED}codes seen for the first time",
            found=len(new),
            of=len(now.codes),
            unit="codes",
            out_by_minor=None,
            examples=tuple(Example(f"{code}: {money(now.codes[code])}") for code in new),
            what_now="See whether each goes to the right account in Sage.",
        )


def _over_short(now: Figures) -> Iterator[Warned]:
    if now.over_short:
        yield Warned(
            check=f"{NAMED}counted over or short",
            found=len(now.over_short),
            of=len(now.over_short),
            unit="tenders",
            out_by_minor=sum(now.over_short.values()),
            examples=tuple(
                Example(f"{tender} {'over' if minor > 0 else 'short'} by {money(abs(minor))}")
                for tender, minor in sorted(now.over_short.items())
            ),
            what_now="See whether the drawer was counted wrong or the till's figure is.",
        )
