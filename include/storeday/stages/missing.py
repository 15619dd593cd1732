"""What is missing: store-days that are expected and not whole, and how long their files can still be fetched.

Expected is every trading day of a store's opening (settings). Nothing asks the clock: the range is asked for, or ends
with the newest trading day that any store sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from storeday.model.store_day import State
from storeday.stages.overview import StoreDayLine, overview
from storeday.stages.workplace import Workplace

WARN_DAYS = 2
"""How many days before files vanish from a store's server a missing store-day is a warning."""


@dataclass(frozen=True)
class Missing:
    """One store-day that is expected and not whole."""

    store: str
    name: str
    trading_day: date
    state: State
    what: str  # no files, or what holds it
    kept_until: date | None  # the last day on which the store's server still has its files, where that is known

    def is_about_to_vanish(self, on: date) -> bool:
        """Whether its files are gone soon, or already, seen from the morning after a trading day."""
        return self.kept_until is not None and on + timedelta(days=WARN_DAYS) >= self.kept_until

    def facts(self) -> dict[str, object]:
        """For programs: days as dates."""
        return {
            "store": self.store,
            "name": self.name,
            "trading_day": self.trading_day.isoformat(),
            "state": str(self.state),
            "what": self.what,
            "kept_until": self.kept_until.isoformat() if self.kept_until else None,
        }

    def words(self, on: date) -> str:
        """The store-day in one line."""
        said = f"{self.store} {self.trading_day:%a %d %b %Y} {self.state}: {self.what}"
        if self.kept_until is None:
            return said
        if on > self.kept_until:
            return f"{said}; its server kept the files until {self.kept_until:%d %b %Y}: have them exported again"
        return f"{said}; its server keeps the files until {self.kept_until:%d %b %Y}"


def missing(work: Workplace, first: date, last: date, stores: list[str] | None = None) -> list[Missing]:
    """The store-days of a range that nothing came for, or that wait with a reason, in order of day and store."""
    lines = overview(work, first, last, stores)
    return [_missing(work, line) for line in lines if line.state in {State.EXPECTED, State.HELD, State.RECEIVED}]


def about_to_vanish(work: Workplace, day: date) -> list[Missing]:
    """Store-days up to a trading day that are missing while their store's server is about to drop their files."""
    kept = [store.retention_days or 0 for store in work.settings.stores()]
    first = day - timedelta(days=max([*kept, 0]))
    return [found for found in missing(work, first, day) if found.is_about_to_vanish(day)]


def _missing(work: Workplace, line: StoreDayLine) -> Missing:
    days = work.settings.store(line.store).retention_days
    what = {State.EXPECTED: "no file came", State.RECEIVED: "not closed yet"}.get(line.state, line.reason)
    return Missing(
        store=line.store,
        name=line.name,
        trading_day=line.trading_day,
        state=line.state,
        what=what,
        kept_until=line.trading_day + timedelta(days=days) if days else None,
    )
