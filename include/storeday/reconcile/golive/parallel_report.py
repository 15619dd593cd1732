"""The report of a parallel run: what was keyed by hand beside what would have been posted, to the penny."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd

from storeday.model.money import money
from storeday.reconcile.golive.report import Report
from storeday.sage50.sheet_tables import Table

LISTED: Final = 20
_SIDES: Final = ["net_keyed", "tax_keyed", "net_ours", "tax_ours", "net_off", "tax_off"]
_HEADS: Final = ("Keyed net", "Keyed tax", "Ours net", "Ours tax", "Off net", "Off tax")


@dataclass(frozen=True)
class Compared:
    """A store's days in parallel run. ``both`` has the days that both sides know (keyed.beside)."""

    store: str
    name: str
    first: date
    last: date
    cutover: date | None
    both: pd.DataFrame
    not_keyed: tuple[str, ...]  # days that are known here
    not_known: tuple[tuple[str, str], ...]  # days that were keyed, and how they stand here

    @property
    def off(self) -> pd.DataFrame:
        """The figures that differ."""
        return self.both[(self.both["net_off"] != 0) | (self.both["tax_off"] != 0)]


def parallel_report(seen: Compared) -> Report:
    """The report of a store; it is good where every day that was keyed agrees."""
    until = f"cutover {seen.cutover:%-d %b %Y}" if seen.cutover else "no cutover yet"
    return Report(
        kind="parallel",
        title=f"{seen.store} {seen.name}: parallel run of {seen.first:%-d %b %Y} to {seen.last:%-d %b %Y}",
        said=f"figures keyed by hand beside those of the tills · {until}",
        good=tuple(_good(seen)),
        bad=tuple(_bad(seen)),
        tables=(_by_code(seen), _differences(seen), _days(seen)),
    )


def _good(seen: Compared) -> Iterator[str]:
    keyed, off = set(seen.both["day"]), set(seen.off["day"])
    if keyed:
        yield f"{len(keyed - off)} of {len(keyed)} days that were keyed agree to the penny"


def _bad(seen: Compared) -> Iterator[str]:
    if not len(seen.both):
        yield "nothing to compare: no day of the period was keyed and is known here"
    rows = list(seen.off.head(LISTED).to_dict("records"))
    for row in rows:
        keyed, ours = (f"{money(row[f'net_{of}'])} and tax {money(row[f'tax_{of}'])}" for of in ("keyed", "ours"))
        yield f"{row['store']} {row['day']}: {row['nominal']} {row['tax_code']}: keyed {keyed}, ours {ours}"
    if len(seen.off) > LISTED:
        yield f"and {len(seen.off) - LISTED} more; the table has all"
    yield from (f"{seen.store} {day} was keyed and is {state} here" for day, state in seen.not_known)


def _by_code(seen: Compared) -> Table:
    sums = seen.both.groupby(["nominal", "tax_code"], as_index=False)[_SIDES].sum()
    rows = [(row["nominal"], row["tax_code"], *_amounts(row)) for row in sums.to_dict("records")]
    note = "All days that both sides know. Ours less keyed is off. Sales are positive; of other nominals, debits are."
    return Table("By nominal and tax code", ("Nominal", "Code", *_HEADS), rows, texts=2, note=note)


def _differences(seen: Compared) -> Table:
    rows = [(row["day"], row["nominal"], row["tax_code"], *_amounts(row)) for row in seen.off.to_dict("records")]
    return Table("Differences", ("Day", "Nominal", "Code", *_HEADS), rows, texts=3)


def _days(seen: Compared) -> Table:
    off = seen.off.groupby("day").size().to_dict()
    said = {day: "agrees" if day not in off else f"{off[day]} figures differ" for day in seen.both["day"].unique()}
    said |= dict.fromkeys(seen.not_keyed, "not keyed")
    said |= {day: f"keyed; here it is {state}" for day, state in seen.not_known}
    return Table("Days", ("Day", "How it stands"), sorted((str(day), what) for day, what in said.items()), texts=2)


def _amounts(row: dict[Any, Any]) -> tuple[str, ...]:
    return tuple(money(int(row[name])) for name in _SIDES)
