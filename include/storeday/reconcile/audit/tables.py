"""The audit's tables as text: what is added up, and what is listed. Every list is there, also one of nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from storeday.model.differences import QUANTITIES
from storeday.model.money import money
from storeday.reconcile.audit.month import MonthAudit
from storeday.sage50.sheet_tables import Table

LISTED: Final = 60
"""How many rows a table shows; the figures have all."""

Frame = pd.DataFrame
_KINDS: Final = {
    "Holds released": "release",
    "Gaps accepted": "accept_gap",
    "One side of a conflict accepted": "accept_version",
    "Taken back": "rollback",
}


def of(audit: MonthAudit) -> Iterator[Table]:
    """All tables, in the order in which they are read."""
    yield _open_days(audit["open_days"])
    yield _differences(audit)
    yield _stores(audit["stores"])
    yield _vat_boxes(audit["vat_boxes"])
    yield _vat_codes(audit["vat_codes"])
    yield _over_short(audit["over_short"])
    yield _rounding(audit["rounding"])
    yield _corrections(audit["corrections"])
    for title, kind in _KINDS.items():
        yield _decisions(title, audit["decisions"], kind)
    yield _mapping_changes(audit)
    yield _answers(audit["answers"])
    yield _batches(audit["batches"])


def _open_days(days: Frame) -> Table:
    rows = [
        (_day(d.trading_day), f"{d.store} {d.name}", d.state, d.why or _NO_REASON.get(d.state, ""), _m(d.takings_minor))
        for d in _first(days)
    ]
    total = ("All", "", "", "", _m(days["takings_minor"].sum()))
    columns = ("Day", "Store", "State", "Why", "Takings so far")
    return _table("Store-days that are open", columns, rows, days, total, texts=4)


_NO_REASON: Final = {
    "expected": "nothing came",
    "received": "came and was not checked",
    "ready": "checked, and not staged yet",
    "staged": "in a draft that is not delivered",
}


def _differences(audit: MonthAudit) -> Table:
    found = audit["differences"]
    rows = [
        (
            " ".join(part for part in (d.store, _day(d.trading_day) if d.trading_day else "") if part),
            d.kind,
            f"{d.what}. {d.reason} {d.what_now}".strip(),
            _m(d.ours_minor),
            _m(d.in_sage_minor),
            _m(d.off_minor),
        )
        for d in _first(found)
    ]
    if audit.facts.sage is None:
        rows = [("", "not read back yet", "What Sage holds is not known.", "", "", "")]
    columns = ("Of", "Kind", "What, why, and what to do", "Handed over", "In Sage", "Off by")
    note = "Of stock it is units and no money." if found["kind"].isin(QUANTITIES).any() else ""
    return _table("Differences in Sage", columns, rows, found, (), texts=3, note=note)


_STORES: Final = {
    "takings_minor": "Takings",
    "not_sales_minor": "Not sales",
    "sales_minor": "Sales with VAT",
    "handed_over_minor": "Handed over",
    "waiting_minor": "Waiting",
    "unexplained_minor": "Unexplained",
    "confirmed_minor": "Confirmed in Sage",
}


def _stores(stores: Frame) -> Table:
    need = stores[["unexplained_minor", "waiting_minor", "open_days"]].abs()
    order = need.sort_values(list(need.columns), ascending=False, kind="stable").index
    listed = stores.loc[order] if len(stores) > LISTED else stores
    rows = [
        (
            f"{row['store']} {row['name']}",
            f"{row['store_days']:,}",
            f"{row['open_days']:,}",
            *(_m(row[name]) for name in _STORES),
        )
        for row in listed.head(LISTED).to_dict("records")
    ]
    total = (
        "All",
        *(f"{int(stores[name].sum()):,}" for name in ("store_days", "open_days")),
        *(_m(_sum(stores[name])) for name in _STORES),
    )
    columns = ("Store", "Days", "Open", *_STORES.values())
    note = (
        "Sales with VAT = handed over + waiting + unexplained. Not sales: gift cards sold, money moved, accounts paid."
    )
    return _table("The tills against Sage", columns, rows, stores, total, note=note)


def _vat_boxes(boxes: Frame) -> Table:
    rows = [
        (f"{b.box}  {b.what}" if b.box else b.what, _m(b.tills_minor), _m(b.handed_over_minor), _m(b.confirmed_minor))
        for b in _first(boxes)
    ]
    note = (
        "As far as takings go: purchases and all else that is posted in Sage come on top. The return takes boxes 6 to "
        "9 in whole pounds."
    )
    columns = ("Box", "Tills", "Handed over", "Confirmed in Sage")
    return _table("VAT return", columns, rows, boxes, (), note=note)


def _vat_codes(codes: Frame) -> Table:
    amounts = [name for name in codes.columns if name != "tax_code"]
    rows = [(row["tax_code"], *(_m(row[name]) for name in amounts)) for row in codes.head(LISTED).to_dict("records")]
    total = ("All", *(_m(_sum(codes[name])) for name in amounts))
    columns = (
        "Code",
        "Net, tills",
        "VAT, tills",
        "Net, handed over",
        "VAT, handed over",
        "Net, confirmed",
        "VAT, confirmed",
    )
    note = "Sales less refunds. T9 is outside VAT and on no box. A held day's figures are not in it yet."
    return _table("VAT by tax code", columns, rows, codes, total, note=note)


def _over_short(found: Frame) -> Table:
    order = found["net_minor"].abs().sort_values(ascending=False, kind="stable").index
    listed = found.loc[order] if len(found) > LISTED else found
    rows = [
        (
            f"{row.store} {row.till or '(till not known)'}",
            row.tender,
            f"{row.store_days:,}",
            _m(row.over_minor),
            _m(row.short_minor),
            _m(row.net_minor),
        )
        for row in _first(listed)
    ]
    total = ("All", "", "", *(_m(found[name].sum()) for name in ("over_minor", "short_minor", "net_minor")))
    columns = ("Store and till", "Tender", "Days counted", "Over", "Short", "Together")
    note = "Counted less taken. It goes to its own nominal and never lowers the takings. No file carries the cashier."
    return _table("Over and short by till", columns, rows, found, total, texts=2, note=note)


def _rounding(found: Frame) -> Table:
    rows = [
        (
            row.store,
            f"{row.rounded_receipts:,}",
            _m(row.rounding_minor),
            f"{row.tax_differences:,}",
            _m(row.tax_difference_minor),
        )
        for row in _first(found)
    ]
    total = (
        "All",
        f"{int(found['rounded_receipts'].sum()):,}",
        _m(found["rounding_minor"].sum()),
        f"{int(found['tax_differences'].sum()):,}",
        _m(found["tax_difference_minor"].sum()),
    )
    columns = ("Store", "Receipts rounded", "Cash rounding", "Taxes unlike the rate", "By")
    note = "The tills' own figures are posted; what the rate would give is shown beside them and changes nothing."
    return _table("Rounding", columns, rows, found, total, note=note)


def _corrections(found: Frame) -> Table:
    rows = [
        (
            _day(c.trading_day),
            f"{c.store}-{c.trading_day:%y%m%d}-{c.revision}",
            f"{c.kind} in batch {c.batch}, {c.state}",
            _at(c.staged_at),
            _m(c.net_minor),
            _m(c.tax_minor),
        )
        for c in _first(found)
    ]
    total = ("All", "", "", "", _m(found["net_minor"].sum()), _m(found["tax_minor"].sum()))
    columns = ("Day", "In Sage as", "What", "Staged", "Net moved", "VAT moved")
    return _table("Corrections and reversals", columns, rows, found, total, texts=4)


def _decisions(title: str, decisions: Frame, kind: str) -> Table:
    found = decisions[decisions["kind"] == kind]
    rows = [
        (
            f"{d.store} {_day(d.trading_day)}",
            d.what,
            d.why + (f" (withdrawn: {d.withdrawn})" if d.withdrawn else ""),
            f"{d.by}, {_at(d.at)}",
        )
        for d in _first(found)
    ]
    return _table(title, ("Store-day", "What", "Why", "Who and when"), rows, found, (), texts=4)


def _mapping_changes(audit: MonthAudit) -> Table:
    found = audit["mapping_changes"]
    rows = [(f"{c.by}, {_at(c.at)}", f"{c.what}: {c.why}", c.effect, _m(c.moved_minor)) for c in _first(found)]
    columns = ("Who and when", "What, and why", "Effect", "Moved")
    note = "The effect is what the store-days before the change would have moved under it."
    return _table("Mapping changes", columns, rows, found, (), texts=3, note=note if rows else "")


def _answers(found: Frame) -> Table:
    rows = [
        (_day(a.trading_day), f"{a.batch} ({a.digest[:12]})", a.answer, a.why, f"{a.by}, {_at(a.at)}")
        for a in _first(found)
    ]
    columns = ("Day", "Batch", "Answer", "Why", "Who and when")
    return _table("Batches approved or rejected", columns, rows, found, (), texts=5)


def _batches(found: Frame) -> Table:
    rows = [
        (_day(b.trading_day), b.batch, b.state, b.sha256[:16], f"{b.rows:,}", _m(b.gross_minor)) for b in _first(found)
    ]
    total = ("All", "", "", "", f"{int(found['rows'].sum()):,}", _m(found["gross_minor"].sum()))
    columns = ("Day", "Batch", "State", "SHA-256 of manifest", "Rows", "Sales")
    return _table("Batches", columns, rows, found, total, texts=4)


def _table(
    title: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    whole: Frame,
    total: tuple[str, ...],
    *,
    texts: int = 1,
    note: str = "",
) -> Table:
    left = max(0, len(whole) - len(rows))
    more = f"{left:,} more rows are in the figures; the sum is of all of them." if left else ""
    return Table(title, columns, rows, total, texts, " ".join(part for part in (note, more) if part))


def rows_of(frame: Frame) -> Iterator[Any]:
    """The rows of a frame, a field a column."""
    return frame.itertuples(index=False, name="Row")


def _first(frame: Frame) -> Iterator[Any]:
    return rows_of(frame.head(LISTED))


def _sum(amounts: Any) -> Any:
    """The sum, not known where none of them is."""
    return amounts.sum(min_count=1) if len(amounts) else 0


def _m(minor: Any) -> str:
    return "not read back" if pd.isna(minor) else money(int(minor))


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _at(at: datetime) -> str:
    return f"{at.day} {at:%b %Y %H:%M} UTC"
