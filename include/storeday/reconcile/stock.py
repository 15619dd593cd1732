"""Stock transactions handed over against those in Sage: by the batch in their Reference, code by code.

Stock transactions of others are no concern of ours. Source: docs/stock.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from storeday.model.differences import Difference
from storeday.model.differences import DifferenceKind as Kind
from storeday.model.stock import quantity
from storeday.reconcile.handed import Handed
from storeday.reconcile.said import REASONS, WHAT_NOW

_SAME: Final = ["reference", "type", "code", "date", "hundredths"]


@dataclass(frozen=True)
class FoundStock:
    """A difference with the store-days that it is about."""

    difference: Difference
    store_days: frozenset[tuple[str, Any]]


def stock_findings(handed: Handed, sage: pd.DataFrame) -> Iterator[FoundStock]:
    """Batches of stock that are not in Sage, or there twice, and single lines that are other."""
    ours = handed.stock
    mine = sage[sage["reference"].isin(ours["reference"].unique())]
    for reference, lines in ours.groupby("reference", sort=True):
        there = mine[mine["reference"] == reference]
        imports = _imports(lines, there)
        if imports != 1:
            yield _whole(handed, lines, imports)
        if len(there):
            yield from _lines(handed, lines, there, imports)


def _imports(ours: pd.DataFrame, there: pd.DataFrame) -> int:
    """How often a batch is in Sage: the upper median over its lines; once where any line is."""
    both = ours.groupby(_SAME[1:]).size().to_frame("ours")
    both["there"] = there.groupby(_SAME[1:]).size().reindex(both.index).fillna(0)
    times = np.sort((both["there"] // both["ours"]).to_numpy(dtype=np.int64))
    return max(int(times[len(times) // 2]), int(len(there) > 0))


def _lines(handed: Handed, ours: pd.DataFrame, there: pd.DataFrame, imports: int) -> Iterator[FoundStock]:
    """Lines that are in Sage otherwise, not at all, or too often: those of one code and type are one difference."""
    left = ours.groupby(_SAME[1:]).size() * imports
    over = there.groupby(_SAME[1:]).size().sub(left, fill_value=0).astype(np.int64)
    wrong: Any = over[over != 0].rename("over").reset_index()
    for (code, kind), lines in wrong.groupby(["code", "type"], sort=True):
        missing, surplus = lines[lines["over"] < 0], lines[lines["over"] > 0]
        same_code = ours[(ours["code"] == code) & (ours["type"] == kind)]
        near = same_code[same_code["hundredths"].isin(missing["hundredths"])]
        about = near if len(near) else same_code if len(same_code) else ours
        was, now = (int((part["hundredths"] * part["over"].abs()).sum()) for part in (missing, surplus))
        yield _line(handed, f"{kind} of {code}", str(code), about, was, now)


def _line(handed: Handed, what: str, code: str, about: pd.DataFrame, was: int, now: int) -> FoundStock:
    first = about.iloc[0]
    store_days = frozenset(zip(about["store"], about["trading_day"], strict=True))
    difference = Difference(
        company=handed.company,
        kind=Kind.STOCK,
        store=str(first["store"]) if len(store_days) == 1 else None,
        trading_day=first["trading_day"],
        ours_minor=was,
        sage_minor=now,
        what=f"{what}: {_shown(was)} handed over, {_shown(now)} in Sage",
        reason=REASONS[Kind.STOCK],
        what_now=WHAT_NOW[Kind.STOCK],
        batch=str(first["batch"]),
        reference=str(first["reference"]),
        stock_code=code,
    )
    return FoundStock(difference, store_days)


def _whole(handed: Handed, ours: pd.DataFrame, imports: int) -> FoundStock:
    first = ours.iloc[0]
    store_days = frozenset(zip(ours["store"], ours["trading_day"], strict=True))
    kind = Kind.IMPORTED_TWICE if imports > 1 else Kind.NOT_IMPORTED
    undo = "Take one import back in Sage by adjustments: a stock transaction can't be deleted by a file."
    difference = Difference(
        company=handed.company,
        kind=kind,
        store=str(first["store"]) if len(store_days) == 1 else None,
        trading_day=first["trading_day"],
        ours_minor=int(ours["hundredths"].sum()),
        sage_minor=int(ours["hundredths"].sum()) * imports,
        what=f"stock batch {first['batch']}, {len(ours)} lines" + (f", {imports} times" if imports > 1 else ""),
        reason=REASONS[kind],
        what_now=undo if imports > 1 else WHAT_NOW[Kind.NOT_IMPORTED],
        batch=str(first["batch"]),
        reference=str(first["reference"]),
        stock_code="*",
    )
    return FoundStock(difference, store_days)


def _shown(hundredths: int) -> str:
    return quantity(hundredths * 10)
