"""What differs of postings, each fault once: whole postings first, then single rows, then what is nobody's row.

A row that is missing and one that is too many in the same posting are one change; the rows of a journal are one
transaction, and so one fault. Source: docs/reconcile.md, "Kinds".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from storeday.model.differences import Difference
from storeday.model.differences import DifferenceKind as Kind
from storeday.reconcile.handed import Handed
from storeday.reconcile.rows import Counted
from storeday.reconcile.said import ONLY_REVERSED, REASONS, WHAT_NOW, by_whom, change_words, first_few, row_words
from storeday.sage50.readback.trail import JOURNAL_TYPES, OPPOSITE

_ALIKE: Final = ("account", "nominal", "department", "tax_code", "date", "net_minor", "tax_minor")


@dataclass(frozen=True)
class Found:
    """A difference with the postings that it is about."""

    difference: Difference
    postings: frozenset[int]


@dataclass(frozen=True)
class Whole:
    """A posting of which nothing is in Sage, or all of it too often."""

    place: int
    kind: Kind
    imports: int


def whole_postings(handed: Handed, counted: Counted, cleared: frozenset[int], lock_date: date | None) -> list[Whole]:
    """The postings that are not in Sage as often as they should be; of those that Sage cleared nothing is said."""
    found = []
    for place, posting in enumerate(handed.postings):
        imports, live = int(counted.imports[place]), int(counted.live[place])
        if place in cleared or imports == posting.imports:
            continue
        if live == 0 and not counted.deleted[place]:
            locked = lock_date is not None and posting.posted_on <= lock_date
            found.append(Whole(place, Kind.LOCKED_PERIOD if locked else Kind.NOT_IMPORTED, 0))
        elif imports < posting.imports:
            found.append(Whole(place, Kind.DELETED, imports))
        else:
            found.append(Whole(place, Kind.IMPORTED_TWICE, imports))
    return found


def said_of_wholes(handed: Handed, counted: Counted, wholes: Iterable[Whole]) -> Iterator[Found]:
    """One difference a batch where all its store-days are alike, else one a store-day."""
    alike: dict[tuple[str, Kind, int], list[int]] = defaultdict(list)
    for whole in wholes:
        alike[handed.postings[whole.place].batch, whole.kind, whole.imports].append(whole.place)
    in_batch: dict[str, int] = defaultdict(int)
    for posting in handed.postings:
        in_batch[posting.batch] += 1
    rows = counted.rows
    on_return = set(rows.loc[rows["is_vat_reconciled"], "posting"])
    for (batch, kind, imports), places in alike.items():
        parts = [places] if len(places) == in_batch[batch] else [[place] for place in places]
        for part in parts:
            yield _whole(handed, kind, imports, part, is_on_return=bool(on_return & set(part)))


def _whole(handed: Handed, kind: Kind, imports: int, places: list[int], *, is_on_return: bool) -> Found:
    postings = [handed.postings[place] for place in places]
    first = postings[0]
    sales = sum(posting.sales_minor for posting in postings)
    stores = first_few([posting.reference for posting in postings], many=5)
    how = f", {imports} times" if kind is Kind.IMPORTED_TWICE else ""
    what_now = WHAT_NOW[kind].format(batch=first.batch)
    difference = Difference(
        company=handed.company,
        kind=kind,
        store=first.store if len(postings) == 1 else None,
        trading_day=first.trading_day,
        ours_minor=sales * first.imports,
        sage_minor=sales * imports,
        what=f"batch {first.batch}{how}: {stores}",
        reason=REASONS[kind],
        what_now=f"{what_now}. {ONLY_REVERSED}" if is_on_return else what_now,
        reference=first.reference if len(postings) == 1 else "",
        batch=first.batch,
        imports=imports,
    )
    return Found(difference, frozenset(places))


def row_findings(handed: Handed, counted: Counted, cleared: frozenset[int]) -> Iterator[Found]:
    """Rows changed, deleted or added in postings that are in Sage."""
    rows = counted.rows
    place = rows["posting"].to_numpy(dtype=np.int64)
    over = (rows["live"] - rows["ours"] * counted.imports[place]).to_numpy()
    off = rows.assign(over=over)[(over != 0) & (counted.live[place] > 0)]
    for posting, mine in off.groupby("posting"):
        at = int(posting)
        missing, surplus = _each(mine[mine["over"] < 0]), _each(mine[mine["over"] > 0])
        if at in cleared:
            missing = []
        for found in _journals(missing, surplus):
            yield _found(handed, at, *found)
        singles = [row for row in missing if row.type not in JOURNAL_TYPES]
        added = [row for row in surplus if row.type not in JOURNAL_TYPES]
        for was, now in _paired(singles, added):
            yield _found(handed, at, Kind.CHANGED, [was], [now])
        yield from (_found(handed, at, Kind.DELETED, [row], []) for row in singles)
        ours = rows[(rows["posting"] == posting) & (rows["ours"] > 0)] if added else rows[:0]
        yield from (_found(handed, at, _kind_of_added(row, ours), [], [row]) for row in added)


def _each(rows: pd.DataFrame) -> list[Any]:
    """Rows one by one, as often as they are missing or too many."""
    return list(rows.loc[rows.index.repeat(rows["over"].abs())].itertuples(index=False))


def _journals(missing: list[Any], surplus: list[Any]) -> Iterator[tuple[Kind, list[Any], list[Any]]]:
    """The journal of a posting is one transaction: what is other in it is one fault."""
    gone = [row for row in missing if row.type in JOURNAL_TYPES]
    added = [row for row in surplus if row.type in JOURNAL_TYPES]
    if gone and added:
        yield Kind.CHANGED, gone, added
    elif gone:
        yield Kind.DELETED, gone, []
    elif added:
        yield Kind.BY_HAND, [], added


def _paired(missing: list[Any], added: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Pairs of a row that is missing and the one of its type that is most alike; both are taken out of their lists."""
    pairs = [
        (sum(getattr(was, column) == getattr(now, column) for column in _ALIKE if _is_shown(was, now, column)), m, a)
        for m, was in enumerate(missing)
        for a, now in enumerate(added)
        if was.type == now.type
    ]
    used: set[int] = set()
    taken: set[int] = set()
    for _, m, a in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if m not in used and a not in taken:
            used.add(m)
            taken.add(a)
            yield missing[m], added[a]
    missing[:] = [row for m, row in enumerate(missing) if m not in used]
    added[:] = [row for a, row in enumerate(added) if a not in taken]


def _is_shown(was: Any, now: Any, column: str) -> bool:
    return not (pd.isna(getattr(was, column)) or pd.isna(getattr(now, column)))


def _kind_of_added(row: Any, ours: pd.DataFrame) -> Kind:
    """A row too many: it takes back one of ours that is on a VAT return, or a person posted it."""
    taken_back = ours[
        (ours["type"] == OPPOSITE.get(row.type, ""))
        & (ours["nominal"] == row.nominal)
        & (ours["net_minor"] == row.net_minor)
        & (ours["tax_minor"] == row.tax_minor)
    ]
    return Kind.VAT_RECONCILED if bool(taken_back["is_vat_reconciled"].any()) else Kind.BY_HAND


def _found(handed: Handed, at: int, kind: Kind, gone: list[Any], added: list[Any]) -> Found:
    posting = handed.postings[at]
    first = (gone or added)[0]
    changes = [change_words(was, now) for was, now in zip(gone, added, strict=False)]
    words = changes if kind is Kind.CHANGED else [row_words(row) for row in gone or added]
    on_return = any(row.is_vat_reconciled for row in [*gone, *added]) and kind is not Kind.VAT_RECONCILED
    difference = Difference(
        company=handed.company,
        kind=kind,
        store=posting.store,
        trading_day=posting.trading_day,
        ours_minor=_worth(gone),
        sage_minor=_worth(added),
        what=first_few(words),
        reason=REASONS[kind] + by_whom(added),
        what_now=f"{WHAT_NOW[kind]} {ONLY_REVERSED}" if on_return else WHAT_NOW[kind],
        reference=first.reference,
        batch=posting.batch,
        nominal=first.nominal,
        tax_code="" if pd.isna(first.tax_code) else first.tax_code,
        department=None if pd.isna(first.department) else int(first.department),
    )
    return Found(difference, frozenset({at}))


def _worth(rows: list[Any]) -> int:
    """What rows come to: net and tax; of a journal its debits, or what it has of credits without any."""
    gross = dict.fromkeys(("JD", "JC", ""), 0)
    for row in rows:
        gross[row.type if row.type in JOURNAL_TYPES else ""] += int(row.net_minor) + int(row.tax_minor)
    return gross[""] + (gross["JD"] or gross["JC"])
