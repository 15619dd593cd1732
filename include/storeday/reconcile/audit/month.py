"""The audit of one month: its tables, and the one sentence that they come to.

Amounts are whole minor units in 64-bit integers. What Sage holds is known of store-days that its own figures confirm,
and never taken to agree where nothing was read back. Source: docs/audit.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from storeday.model.differences import QUANTITIES, DifferenceKind
from storeday.model.money import money
from storeday.model.store_day import State
from storeday.reconcile.audit import lists, sums
from storeday.reconcile.audit.facts import MonthFacts

Frame = pd.DataFrame

NO_ROW_SAYS_WHY: Final = frozenset({DifferenceKind.VAT_BOX, DifferenceKind.TENDER})


@dataclass(frozen=True)
class MonthAudit:
    """A month's tables by name, as they are written for programs, and what they are of."""

    facts: MonthFacts
    tables: dict[str, Frame]

    def __getitem__(self, name: str) -> Frame:
        return self.tables[name]

    @property
    def confirmed(self) -> int:
        """How many store-days Sage's own figures confirm."""
        return int((self["store_days"]["state"] == State.CONFIRMED).sum())

    @property
    def handed_over(self) -> int:
        """How many store-days are handed over and not confirmed."""
        return int((self["store_days"]["state"] == State.DELIVERED).sum())

    @property
    def open(self) -> int:
        """How many store-days are not done."""
        return len(self["open_days"])

    @property
    def off(self) -> tuple[int, int]:
        """How many differences in Sage are open, stock left out, and what they come to, above or below."""
        found = self["differences"]
        found = found[~found["kind"].isin(QUANTITIES)]
        return len(found), int(found["off_minor"].abs().sum())

    @property
    def unexplained_minor(self) -> int:
        """What nothing explains: store-days that are done and not as the tills say, boxes and accounts in Sage that
        are off and no row says why. Each counts, whether above or below."""
        found = self["differences"]
        of_sage = found.loc[found["kind"].isin(NO_ROW_SAYS_WHY), "off_minor"]
        return int(self["store_days"]["unexplained_minor"].abs().sum()) + int(of_sage.abs().sum())

    @property
    def is_clean(self) -> bool:
        """Whether all store-days are confirmed, to the penny."""
        days = len(self["store_days"])
        return bool(days) and self.confirmed == days and not self.off[0] and not self.unexplained_minor

    @property
    def needs_a_look(self) -> bool:
        """Whether something is open, differs in Sage, or is not explained."""
        return bool(self.open or self.off[0] or self.unexplained_minor)

    @property
    def verdict(self) -> str:
        """The month in one sentence."""
        days, stores = len(self["store_days"]), len(self["stores"])
        of = f"{days:,} store-day{_s(days)} of {stores:,} store{_s(stores)}"
        unexplained = f"{money(self.unexplained_minor)} unexplained"
        if not days:
            return f"No store-day of {self.facts.first:%B %Y} is known: no store was to trade, and nothing came."
        if self.facts.sage is None:
            done = self.handed_over + self.confirmed
            return f"{done:,} of {of} handed over, not read back from Sage yet; {self.open:,} open; {unexplained}."
        waiting = f"{self.handed_over:,} handed over and not confirmed; " if self.handed_over else ""
        count, minor = self.off
        off = f"{count:,} difference{_s(count)} in Sage, {money(minor)} in all; " if count else ""
        return f"{self.confirmed:,} of {of} confirmed in Sage; {waiting}{self.open:,} open; {off}{unexplained}."


def audit_of(facts: MonthFacts) -> MonthAudit:
    """The audit of a month's facts."""
    days = sums.store_days(facts)
    codes = sums.vat_codes(facts)
    return MonthAudit(
        facts,
        {
            "store_days": days,
            "stores": sums.stores(days, was_read=facts.sage is not None),
            "vat_boxes": sums.vat_boxes(codes, facts.edition),
            "vat_codes": codes,
            "over_short": sums.over_short(facts),
            "rounding": sums.rounding(facts),
            "open_days": lists.open_days(days),
            "corrections": lists.corrections(facts),
            "decisions": lists.decisions(facts),
            "answers": lists.answers(facts),
            "mapping_changes": lists.mapping_changes(facts),
            "differences": lists.differences(facts),
            "batches": lists.batches(facts),
        },
    )


def _s(count: int) -> str:
    return "" if count == 1 else "s"
