"""Rows in Sage that are none of ours: ignored, unless they stand on nominals of ours alone or are called like ours.

Source: docs/reconcile.md, "Foreign rows".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

import pandas as pd

from storeday.model.differences import Difference
from storeday.model.differences import DifferenceKind as Kind
from storeday.model.money import money
from storeday.reconcile.handed import Handed, base_reference, day_of_reference
from storeday.reconcile.said import ONLY_REVERSED, REASONS, WHAT_NOW, by_whom, first_few, row_words

_CREDITS: Final = ("JC", "SC")


def unknown_batches(handed: Handed, rows: pd.DataFrame) -> tuple[list[Difference], pd.Series]:
    """Rows called like a store-day of these days, of a batch that was never delivered; and which rows they are."""
    bases = base_reference(rows["reference"])
    stores = "|".join(code for code, _ in handed.stores)
    is_like_ours = bases.str.fullmatch(rf"(?:{stores})-\d{{6}}(?:-[1-9]\d*)?").fillna(value=False).astype(bool)
    mine = rows[is_like_ours].assign(base=bases[is_like_ours])
    references = {reference for reference, _ in handed.known}
    unknown = mine[~mine["base"].isin(references)]
    found = []
    for (base, batch), group in unknown.groupby(["base", unknown["extra_reference"].fillna("")], sort=True):
        day = day_of_reference(str(base))
        if day is not None and handed.first <= day <= handed.last:
            store = str(base).partition("-")[0]
            found.append(_unknown(handed.company, store, day, str(base), str(batch), group))
    return found, is_like_ours


def by_hand(handed: Handed, rows: pd.DataFrame, own: Collection[str]) -> Iterator[Difference]:
    """Rows of others on nominals that are ours alone, one difference a transaction."""
    on_ours = rows["nominal"].isin(own) | rows["account"].isin(own).fillna(value=False)
    within = (rows["date"] >= handed.first) & (rows["date"] <= handed.last)
    mine = rows[(on_ours & within).fillna(value=False).astype(bool)]
    if mine.empty:
        return
    header = mine["header"].astype("string").fillna("")
    for _, group in mine.groupby([header, "date", "reference", "details"], sort=True):
        yield _by_hand(handed.company, group, own)


def _by_hand(company: str, group: pd.DataFrame, own: Collection[str]) -> Difference:
    lines: list[Any] = list(group.itertuples(index=False))
    first = lines[0]
    nominal = first.nominal if first.nominal in own else first.account
    signed = sum((-1 if line.type in _CREDITS else 1) * (int(line.net_minor) + int(line.tax_minor)) for line in lines)
    what_now = WHAT_NOW[Kind.BY_HAND]
    if any(not pd.isna(line.is_vat_reconciled) and line.is_vat_reconciled for line in lines):
        what_now += f" {ONLY_REVERSED}"
    called = f" {first.reference!r}" if first.reference else ""
    return Difference(
        company=company,
        kind=Kind.BY_HAND,
        store=None,
        trading_day=first.date,
        ours_minor=0,
        sage_minor=signed or int(first.net_minor) + int(first.tax_minor),
        what=f"on {nominal}{called}: {first_few(row_words(line) for line in lines)}",
        reason=REASONS[Kind.BY_HAND] + by_whom(lines),
        what_now=what_now,
        reference=first.reference,
        nominal=nominal,
    )


def _unknown(company: str, store: str, day: Any, reference: str, batch: str, group: pd.DataFrame) -> Difference:
    gross = int((group["net_minor"] + group["tax_minor"]).sum())
    return Difference(
        company=company,
        kind=Kind.UNKNOWN_BATCH,
        store=store,
        trading_day=day,
        ours_minor=0,
        sage_minor=gross,
        what=f"{len(group)} rows called {reference}, {money(gross)} together",
        reason=REASONS[Kind.UNKNOWN_BATCH],
        what_now=WHAT_NOW[Kind.UNKNOWN_BATCH],
        reference=reference,
        batch=batch[:16],
    )
