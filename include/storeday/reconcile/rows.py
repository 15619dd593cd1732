"""Rows handed over against rows in Sage: how often each stands on either side, and how often a posting was imported.

Whole columns at a time: both sides are numbered by what makes two rows the same, then counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from storeday.sage50.readback.trail import Shows, Trail

SAME: Final = ("posting", "type", "nominal", "date", "net_minor", "tax_minor")
SAME_WHERE_SHOWN: Final = {
    Shows.ACCOUNT: "account",
    Shows.TAX_CODE: "tax_code",
    Shows.DEPARTMENT: "department",
}


@dataclass(frozen=True)
class Counted:
    """Each row that stands on either side, once, with how often.

    ``rows`` has the row's own columns, ``ours``, ``live``, ``deleted`` (how often it was handed over, is in Sage, was
    deleted there) and ``is_vat_reconciled`` (any of those in Sage). By posting, its place the index: ``live`` and
    ``deleted`` count all its rows in Sage, and ``imports`` is how often the whole of it is there.
    """

    rows: pd.DataFrame
    live: np.ndarray
    deleted: np.ndarray
    imports: np.ndarray


def count(ours: pd.DataFrame, sage: pd.DataFrame, trail: Trail, postings: int) -> Counted:
    """Count both sides; ``sage`` has the rows of these postings only, with ``posting``."""
    columns = [*SAME, *(column for shown, column in SAME_WHERE_SHOWN.items() if shown in trail.shows)]
    both = pd.concat([ours, sage], ignore_index=True)
    same = both.groupby(columns, sort=False, dropna=False).ngroup().to_numpy()
    many = int(same.max()) + 1 if len(same) else 0
    is_ours = np.arange(len(both)) < len(ours)
    is_deleted = ~is_ours & both["is_deleted"].fillna(value=False).to_numpy(dtype=bool)
    is_live = ~is_ours & ~is_deleted
    on_return = is_live & both["is_vat_reconciled"].fillna(value=False).to_numpy(dtype=bool)
    sides = {"ours": is_ours, "live": is_live, "deleted": is_deleted}
    counts = {side: np.bincount(same[chosen], minlength=many) for side, chosen in sides.items()}
    _, first = np.unique(same, return_index=True)
    rows = both.iloc[first].reset_index(drop=True).drop(columns=["is_deleted", "is_vat_reconciled"])
    rows = rows.assign(**counts, is_vat_reconciled=np.bincount(same[on_return], minlength=many) > 0)
    place = both["posting"].to_numpy(dtype=np.int64)
    live = np.bincount(place[is_live], minlength=postings)
    return Counted(rows, live, np.bincount(place[is_deleted], minlength=postings), _imports(rows, live, postings))


def _imports(rows: pd.DataFrame, live: np.ndarray, postings: int) -> np.ndarray:
    """How often each posting is in Sage: the upper median over its rows, since single rows may be changed or gone.

    A posting with any row in Sage was imported once at least.
    """
    mine = rows[rows["ours"] > 0]
    times = (mine["live"] // mine["ours"]).to_numpy()
    place = mine["posting"].to_numpy(dtype=np.int64)
    order = np.lexsort((times, place))
    length = np.bincount(place, minlength=postings)
    start = np.concatenate([[0], np.cumsum(length)[:-1]]) if postings else np.zeros(0, np.int64)
    imports = np.zeros(postings, np.int64)
    has_rows = length > 0
    imports[has_rows] = times[order][(start + length // 2)[has_rows]]
    return np.maximum(imports, live > 0)
