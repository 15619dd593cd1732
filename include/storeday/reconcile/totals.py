"""The boxes of the VAT return and the nominals, of postings whose rows are all as they were handed over.

Where a row says why, the totals say nothing: one fault is told once. What is left is booked otherwise in Sage than the
rows prove. Sources: docs/reconcile.md, "Totals"; what a type books: docs/sage50-uk.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from storeday.model.differences import Difference
from storeday.model.differences import DifferenceKind as Kind
from storeday.reconcile.findings import Found
from storeday.reconcile.handed import Handed
from storeday.reconcile.said import REASONS, WHAT_NOW
from storeday.sage50.readback.trail import JOURNAL_TYPES

BOXES: Final = (1, 4, 6, 7)
_BANK_IN: Final = ("BR", "CR", "VR")


def box_findings(handed: Handed, boxes: pd.DataFrame, placed: dict[int, int], explained: set[int]) -> Iterator[Found]:
    """One difference a month and box; ``placed`` is the posting of each of Sage's transactions, by its number."""
    mine = boxes.assign(posting=boxes["number"].map(placed)).dropna(subset=["posting"])
    sums: Any = mine.groupby(["posting", "box"])["minor"].sum()
    got: Counter[tuple[int, int]] = Counter({(int(p), int(b)): int(minor) for (p, b), minor in sums.items()})
    by_month: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
    for place, posting in enumerate(handed.postings):
        if place in explained:
            continue
        wanted = {box: minor * posting.imports for box, minor in posting.boxes}
        for box in BOXES:
            if got[place, box] != wanted.get(box, 0):
                month = f"{posting.posted_on:%Y-%m}"
                by_month.setdefault((month, box), []).append((place, wanted.get(box, 0), got[place, box]))
    for (month, box), parts in sorted(by_month.items()):
        yield _total(handed, Kind.VAT_BOX, f"box {box} of {month}", parts)


def nominal_findings(
    handed: Handed, legs: pd.DataFrame, placed: dict[int, int], explained: set[int], tenders: Collection[str]
) -> Iterator[Found]:
    """One difference a tender account."""
    mine = legs.assign(posting=legs["number"].map(placed)).dropna(subset=["posting"])
    mine = mine[mine["nominal"].isin(tenders)]
    ours = legs_of(handed.rows)
    ours = ours[ours["nominal"].isin(tenders)]
    times = np.array([posting.imports for posting in handed.postings], np.int64)
    ours = ours.assign(minor=ours["minor"] * times[ours["posting"].to_numpy(dtype=np.int64)])
    got, wanted = (_by_posting(each) for each in (mine, ours))
    by_nominal: dict[str, list[tuple[int, int, int]]] = {}
    for place, nominal in sorted({*got, *wanted}):
        both = wanted.get((place, nominal), 0), got.get((place, nominal), 0)
        if place not in explained and both[0] != both[1]:
            by_nominal.setdefault(nominal, []).append((place, *both))
    for nominal, parts in sorted(by_nominal.items()):
        yield _total(handed, Kind.TENDER, f"account {nominal}", parts, nominal)


def legs_of(rows: pd.DataFrame) -> pd.DataFrame:
    """What rows book on the nominals that they name, a debit positive: posting, nominal, minor.

    The ledger controls and the tax accounts, which Sage books to by itself, are left out.
    """
    gross = rows["net_minor"] + rows["tax_minor"]
    kind = rows["type"]
    receipts, journals = kind.isin(_BANK_IN), kind.isin(JOURNAL_TYPES)
    banked = pd.DataFrame({"posting": rows["posting"], "nominal": rows["account"], "minor": gross})[receipts]
    sold = pd.DataFrame({"posting": rows["posting"], "nominal": rows["nominal"], "minor": rows["net_minor"]})
    is_debit = kind.isin(("JD", "SC", "SA"))
    sign = pd.Series(np.where(is_debit, 1, -1), index=rows.index)
    amount = sold["minor"].where(receipts | journals | kind.isin(("SI", "SC")), gross)
    return pd.concat([banked, sold.assign(minor=amount * sign)], ignore_index=True)


def _by_posting(legs: pd.DataFrame) -> dict[tuple[int, str], int]:
    sums: Any = legs.groupby(["posting", "nominal"])["minor"].sum()
    return {(int(place), str(nominal)): int(minor) for (place, nominal), minor in sums.items()}


def _total(handed: Handed, kind: Kind, what: str, parts: list[tuple[int, int, int]], nominal: str = "") -> Found:
    postings = [handed.postings[place] for place, _, _ in parts]
    store_days = {posting.key for posting in postings}
    alone = postings[0] if len(store_days) == 1 else None
    days = sorted(posting.trading_day for posting in postings)
    difference = Difference(
        company=handed.company,
        kind=kind,
        store=alone.store if alone else None,
        trading_day=days[-1],
        ours_minor=sum(ours for _, ours, _ in parts),
        sage_minor=sum(sage for _, _, sage in parts),
        what=f"{what}, of {len(store_days)} store-day{'s' if len(store_days) != 1 else ''}",
        reason=REASONS[kind],
        what_now=WHAT_NOW[kind],
        nominal=nominal,
    )
    return Found(difference, frozenset(place for place, _, _ in parts))
