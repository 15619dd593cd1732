"""Sage against what was handed over: pure, over tables. Which store-days agree, and each difference once.

Source: docs/reconcile.md.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from storeday.model.differences import SAGE_KINDS, Difference, DifferenceKind
from storeday.reconcile.findings import Found, row_findings, said_of_wholes, whole_postings
from storeday.reconcile.foreign import by_hand, unknown_batches
from storeday.reconcile.handed import Handed, posting_of_each
from storeday.reconcile.joined import joined
from storeday.reconcile.rows import Counted, count
from storeday.reconcile.stock import stock_findings
from storeday.reconcile.totals import box_findings, nominal_findings
from storeday.sage50.readback.trail import Shows, Trail

StoreDayKey = tuple[str, date]

ALWAYS = SAGE_KINDS - {
    DifferenceKind.VAT_BOX,
    DifferenceKind.TENDER,
    DifferenceKind.STOCK,
    DifferenceKind.VAT_RECONCILED,
}
"""Kinds that every export can show."""

SHOWN_BY = {
    Shows.BOXES: DifferenceKind.VAT_BOX,
    Shows.NOMINALS: DifferenceKind.TENDER,
    Shows.STOCK: DifferenceKind.STOCK,
    Shows.VAT_RECONCILED: DifferenceKind.VAT_RECONCILED,
}


@dataclass(frozen=True)
class SageFacts:
    """What of the company's Sage matters here: nominals that are ours alone, tender accounts, what is closed."""

    own: frozenset[str]
    tenders: frozenset[str]
    lock_date: date | None = None
    cleared_to: date | None = None  # the audit trail was cleared up to that day


@dataclass(frozen=True)
class Compared:
    """What a comparison came to. ``joined`` is the table that the suites look at (joined.py)."""

    found: tuple[Difference, ...]
    agree: frozenset[StoreDayKey]
    differ: frozenset[StoreDayKey]
    kinds: frozenset[DifferenceKind]
    joined: pd.DataFrame
    notes: tuple[str, ...]


def compare(handed: Handed, trail: Trail, facts: SageFacts) -> Compared:
    """Hold what was handed over to what one reading shows."""
    place = posting_of_each(handed, trail.rows)
    mine = trail.rows.assign(posting=place)[place >= 0]
    counted = count(handed.rows, mine, trail, len(handed.postings))
    cleared = _cleared(handed, counted, trail, facts)
    found = [
        *said_of_wholes(handed, counted, whole_postings(handed, counted, cleared, facts.lock_date)),
        *row_findings(handed, counted, cleared),
    ]
    found += _totals(handed, trail, mine, {p for each in found for p in each.postings} | cleared, facts)
    others = _foreign(handed, trail.rows[place < 0], facts)
    stock = list(stock_findings(handed, trail.stock)) if trail.stock is not None else []
    differ = {handed.postings[place].key for each in found for place in each.postings}
    differ |= {key for each in stock for key in each.store_days}
    unsure = {handed.postings[place].key for place in cleared}
    differences = [*(each.difference for each in found), *others, *(each.difference for each in stock)]
    return Compared(
        found=tuple(sorted(differences, key=lambda d: (str(d.trading_day), d.store or "", d.kind, d.what))),
        agree=frozenset({posting.key for posting in handed.postings} - differ - unsure),
        differ=frozenset(differ),
        kinds=ALWAYS | {kind for shown, kind in SHOWN_BY.items() if shown in trail.shows},
        joined=joined(handed, mine, trail, counted),
        notes=(*trail.notes, *_said_of_cleared(handed, cleared, trail)),
    )


def _cleared(handed: Handed, counted: Counted, trail: Trail, facts: SageFacts) -> frozenset[int]:
    """Postings of which rows are missing that Sage has cleared from its audit trail, as far as can be told.

    Those on or before the day that the settings name; and those that Sage once confirmed, where it lists ranges of
    transactions as cleared.
    """
    rows = counted.rows
    place = rows["posting"].to_numpy(dtype=np.int64)
    is_missing = (rows["live"] + rows["deleted"] < rows["ours"]).to_numpy(dtype=bool)
    missing = set(place[is_missing].tolist())
    return frozenset(
        at
        for at in missing
        if (facts.cleared_to is not None and handed.postings[at].posted_on <= facts.cleared_to)
        or (trail.cleared_ranges and handed.postings[at].was_confirmed)
    )


def _totals(handed: Handed, trail: Trail, mine: pd.DataFrame, explained: set[int], facts: SageFacts) -> list[Found]:
    live = mine[~mine["is_deleted"].astype(bool)].dropna(subset=["number"])
    numbers = zip(live["number"].astype("int64"), live["posting"].astype("int64"), strict=True)
    placed: dict[int, int] = dict(numbers)
    found: list[Found] = []
    if trail.boxes is not None:
        found += box_findings(handed, trail.boxes, placed, explained)
    if trail.legs is not None:
        found += nominal_findings(handed, trail.legs, placed, explained, facts.tenders)
    return found


def _foreign(handed: Handed, rows: pd.DataFrame, facts: SageFacts) -> list[Difference]:
    live = rows[~rows["is_deleted"].fillna(value=False).astype(bool)]
    unknown, is_like_ours = unknown_batches(handed, live)
    return [*unknown, *by_hand(handed, live[~is_like_ours], facts.own)]


def _said_of_cleared(handed: Handed, cleared: Collection[int], trail: Trail) -> list[str]:
    if not cleared and not trail.cleared_ranges:
        return []
    ranges = ", ".join(f"{first} to {last}" for first, last in trail.cleared_ranges[:5])
    said = [f"Sage cleared transactions {ranges} from its audit trail"] if ranges else []
    days = sorted({handed.postings[place].trading_day for place in cleared})
    if days:
        said.append(
            f"{len(cleared)} store-days from {days[0].isoformat()} to {days[-1].isoformat()} are cleared from the "
            "audit trail and can't be compared: they stay as they are"
        )
    return said
