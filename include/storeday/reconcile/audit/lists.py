"""The audit's lists: what is open, what was corrected, who decided what, what changed. Pure functions of the facts."""

from __future__ import annotations

from typing import Final

import pandas as pd

from storeday.model.store_day import State
from storeday.reconcile.audit.facts import MonthFacts
from storeday.reconcile.audit.sums import DONE, frame_of

Frame = pd.DataFrame
_DAY_COLUMNS: Final = ["store", "name", "trading_day", "state", "receipts", "takings_minor", "waiting_minor", "why"]


def open_days(days: Frame) -> Frame:
    """The store-days that are not done, in order of day and store."""
    found = days.loc[~days["state"].isin(DONE), _DAY_COLUMNS]
    return found.sort_values(["trading_day", "store"], ignore_index=True)


def corrections(facts: MonthFacts) -> Frame:
    """Batches of a store-day after its first, by what its sales moved; the last of one taken back is its reversal."""
    taken_back = {(day.store, day.trading_day) for day in facts.days if day.state == State.ROLLED_BACK}
    newest = {(each.store, each.trading_day): each.revision for each in facts.corrections}
    return frame_of(
        (
            (
                c.store,
                c.trading_day,
                "reversal" if key in taken_back and newest[key] == c.revision else "correction",
                c.batch,
                c.state,
                c.revision,
                c.net_minor,
                c.tax_minor,
                c.at,
            )
            for c in facts.corrections
            for key in [(c.store, c.trading_day)]
        ),
        ["store", "trading_day", "kind", "batch", "state", "revision", "net_minor", "tax_minor", "staged_at"],
    )


def decisions(facts: MonthFacts) -> Frame:
    """What persons decided about store-days; ``withdrawn`` says why and by whom it no longer counts."""
    return frame_of(
        (
            (d.store, d.trading_day, str(d.kind), d.check, d.words, d.why, d.by, d.at, d.withdrawn)
            for d in facts.decisions
        ),
        ["store", "trading_day", "kind", "check", "what", "why", "by", "at", "withdrawn"],
    )


def answers(facts: MonthFacts) -> Frame:
    """Who approved or rejected which batch, by its digest."""
    return frame_of(
        (
            (a.trading_day, a.batch, a.digest, "approved" if a.is_approval else "rejected", a.why, a.by, a.at)
            for a in facts.answers
        ),
        ["trading_day", "batch", "digest", "answer", "why", "by", "at"],
    )


def mapping_changes(facts: MonthFacts) -> Frame:
    """The changes of the mapping that were accepted in the month, and what they move in money."""
    columns = ["at", "by", "why", "what", "moved_store_days", "moved_minor", "effect"]
    return frame_of(facts.mapping_changes or (), columns)


def differences(facts: MonthFacts) -> Frame:
    """What is not in Sage as it was handed over, and still open. Of stock it is hundredths of a unit and no money."""
    return frame_of(
        (
            (d.store, d.trading_day, str(d.kind), d.what, d.reason, d.what_now, d.ours_minor, d.sage_minor, d.off_minor)
            for d in (facts.sage.differences if facts.sage else ())
        ),
        "store trading_day kind what reason what_now ours_minor in_sage_minor off_minor".split(),
    )


def batches(facts: MonthFacts) -> Frame:
    """The batches of takings, with the digest of their manifest."""
    return frame_of(facts.batches, ["trading_day", "batch", "state", "rows", "gross_minor", "sha256", "staged_at"])
