"""The audit's sums: store-days, stores, VAT, over and short, rounding. Pure functions of a month's facts.

The tills' figures are those that were posted, and are summed up, never worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from storeday.ledger.month import HandedOver, MonthDay
from storeday.model.money import minor_of
from storeday.model.store_day import State
from storeday.reconcile.audit.facts import MonthFacts

Frame = pd.DataFrame
DAY: Final = ["store", "trading_day"]
DONE: Final = (State.DELIVERED.value, State.CONFIRMED.value)
"""States of a store-day from which nothing is left to be handed over."""

_NO_VAT: Final = "T9"
_EC_GOODS: Final = "T4"
_UK_BOXES: Final = {
    1: "VAT due on sales",
    2: "VAT due on acquisitions (Northern Ireland)",
    3: "VAT due in all (1 + 2)",
    4: "VAT reclaimed on purchases",
    5: "VAT to pay or reclaim (3 − 4)",
    6: "Sales, without VAT",
    7: "Purchases, without VAT",
    8: "Goods to the EU, without VAT",
    9: "Acquisitions from the EU, without VAT",
}
_OTHER_BOXES: Final = {1: "VAT on sales", 4: "VAT on purchases", 6: "Net sales", 7: "Net purchases"}


def store_days(facts: MonthFacts) -> Frame:
    """One row a store-day that is expected or came.

    ``takings_minor`` is what the tills took; ``sales_minor`` what of it is sales with VAT, which is what Sage is to
    hold (of a day without final figures, its takings). ``waiting_minor`` is not handed over because the day is open,
    ``unexplained_minor`` differs though it is done. ``confirmed_minor`` is what Sage holds,
    known of a day that its figures confirm.
    """
    came = frame_of(
        ((d.store, d.trading_day, d.state, d.receipts, _takings(d), _sales(d), _tax(d)) for d in facts.days),
        [*DAY, "state", "receipts", "takings_minor", "sales_minor", "tax_minor"],
    )
    known = {(day.store, day.trading_day) for day in facts.days}
    missing = [(s, d, State.EXPECTED.value, 0, 0, 0, 0) for s, d in sorted(facts.expected - known)]
    days = pd.concat([came, frame_of(missing, list(came.columns))], ignore_index=True)
    days["handed_over_minor"] = _gross_by_day(days, facts.handed_over)
    days["confirmed_minor"] = days["handed_over_minor"].astype("Int64").where(days["state"] == State.CONFIRMED)
    gap = days["sales_minor"] - days["handed_over_minor"]
    is_done = days["state"].isin(DONE)
    days["waiting_minor"], days["unexplained_minor"] = gap.where(~is_done, 0), gap.where(is_done, 0)
    reasons = facts.reasons or {}
    days["why"] = [reasons.get((store, day), "") for store, day in zip(days["store"], days["trading_day"], strict=True)]
    days.insert(1, "name", days["store"].map(facts.shops).fillna(days["store"]))
    return days.sort_values(DAY, ignore_index=True)


def stores(days: Frame, *, was_read: bool) -> Frame:
    """One row a store: its store-days by what became of them, and the sums of their amounts.

    ``was_read``: whether Sage was read back; without that nothing is said of what is confirmed.
    """
    amounts = ["takings_minor", "sales_minor", "handed_over_minor", "waiting_minor", "unexplained_minor"]
    by = days.assign(
        confirmed_days=(days["state"] == State.CONFIRMED).astype("int64"),
        handed_over_days=(days["state"] == State.DELIVERED).astype("int64"),
        open_days=(~days["state"].isin(DONE)).astype("int64"),
        confirmed_minor=days["confirmed_minor"].fillna(0).astype("Int64"),
        store_days=1,
    ).groupby(["store", "name"], as_index=False)
    counts = ["store_days", "confirmed_days", "handed_over_days", "open_days", "receipts"]
    found: Frame = by[[*counts, *amounts, "confirmed_minor"]].sum()
    found = found if was_read else _not_read(found, ["confirmed_minor"])
    at = list(found.columns).index("sales_minor")
    found.insert(at, "not_sales_minor", found["takings_minor"] - found["sales_minor"])
    return found


def vat_codes(facts: MonthFacts) -> Frame:
    """One row a tax code: net and tax of the tills, of what was handed over, and of what Sage's figures confirm."""
    tills = frame_of(
        (
            (code, minor_of(of["net"]), minor_of(of["tax"]))
            for day in facts.days
            for code, of in day.summary.get("tax_codes", {}).items()
        ),
        ["tax_code", "tills_net_minor", "tills_tax_minor"],
    )
    confirmed = {(day.store, day.trading_day) for day in facts.days if day.state == State.CONFIRMED}
    in_sage = [line for line in facts.handed_over if (line.store, line.trading_day) in confirmed]
    parts = [tills, _by_code(facts.handed_over, "handed_over"), _by_code(in_sage, "confirmed")]
    codes = pd.concat([part.groupby("tax_code").sum() for part in parts], axis=1).fillna(0).astype("int64")
    codes = codes if facts.sage else _not_read(codes, ["confirmed_net_minor", "confirmed_tax_minor"])
    return codes.rename_axis("tax_code").sort_index().reset_index()


def vat_boxes(codes: Frame, edition: str) -> Frame:
    """One row a box of the VAT return, as far as takings move it; those that takings never move are nothing.

    Ireland's return has other boxes; of those only what sales and purchases come to is said.
    Source: docs/sage50-uk.md, tax codes; docs/postings.md, proofs of the rows.
    """
    on_return = codes[codes["tax_code"] != _NO_VAT]
    goods_to_eu = codes[codes["tax_code"] == _EC_GOODS]
    is_uk = edition == "sage50-uk"
    words = _UK_BOXES if is_uk else _OTHER_BOXES
    found = pd.DataFrame({"box": list(words) if is_uk else [0] * len(words), "what": list(words.values())})
    for side in ("tills", "handed_over", "confirmed"):
        net, tax = f"{side}_net_minor", f"{side}_tax_minor"
        if codes[net].isna().any():
            found = _not_read(found, [f"{side}_minor"])
            continue
        vat, sales, goods = int(on_return[tax].sum()), int(on_return[net].sum()), int(goods_to_eu[net].sum())
        boxes = {1: vat, 3: vat, 5: vat, 6: sales, 8: goods}
        found[f"{side}_minor"] = pd.Series([boxes.get(box, 0) for box in words], dtype="int64")
    return found


def over_short(facts: MonthFacts) -> Frame:
    """One row a till and tender that was counted: what was over and what was short, days apart.

    The till is empty where a day was closed before its tills were kept apart.
    """
    counted = frame_of(
        (
            (day.store, each["till"], each["tender"], minor_of(each["amount"]))
            for day in facts.days
            for each in _counted(day.summary)
        ),
        ["store", "till", "tender", "net_minor"],
    )
    net = counted["net_minor"]
    counted = counted.assign(store_days=1, over_minor=net.clip(lower=0), short_minor=net.clip(upper=0))
    columns = ["store_days", "over_minor", "short_minor", "net_minor"]
    return counted.groupby(["store", "till", "tender"], as_index=False)[columns].sum()


def rounding(facts: MonthFacts) -> Frame:
    """One row a store whose tills rounded cash, or whose tax is not what the rate gives on it."""
    columns = ["rounded_receipts", "rounding_minor", "tax_differences", "tax_difference_minor"]
    said = frame_of(
        (
            (
                day.store,
                int(day.summary["rounded"]["receipts"]),
                minor_of(day.summary["rounding"]),
                int(day.summary["tax_differences"]["found"]),
                minor_of(day.summary["tax_differences"]["sum"]),
            )
            for day in facts.days
            if "rounding" in day.summary
        ),
        ["store", *columns],
    )
    by_store = said.groupby("store", as_index=False)[columns].sum()
    found: Frame = by_store[(by_store[columns] != 0).any(axis=1)].reset_index(drop=True)
    return found


def frame_of(rows: Iterable[tuple[Any, ...]], columns: list[str]) -> Frame:
    """Rows as a frame: amounts and counts in 64-bit integers, all else as it is, None too; without a row as well."""
    frame = pd.DataFrame(list(rows), columns=columns, dtype="object")
    return frame.astype({name: "int64" for name in columns if name.endswith("_minor") or name in _COUNTS})


_COUNTS: Final = {
    "receipts",
    "store_days",
    "moved_store_days",
    "rounded_receipts",
    "tax_differences",
    "revision",
    "rows",
}


def _not_read(frame: Frame, columns: list[str]) -> Frame:
    """The same with columns of which nothing is known."""
    return frame.assign(**{name: pd.array([pd.NA] * len(frame), "Int64") for name in columns})


def _takings(day: MonthDay) -> int:
    """What the tills took, as it counts: nothing of a store-day that was taken back."""
    return 0 if day.state == State.ROLLED_BACK else day.gross_minor


def _tax(day: MonthDay) -> int:
    return 0 if day.state == State.ROLLED_BACK else day.tax_minor


def _sales(day: MonthDay) -> int:
    """What of a store-day's takings is sales with VAT, or all of it where that is not known yet."""
    said = day.summary
    return minor_of(said["net"]) + minor_of(said["tax"]) if "net" in said else int(day.gross_minor)


def _counted(summary: dict[str, Any]) -> list[dict[str, str]]:
    if "over_short_by_till" in summary:
        return list(summary["over_short_by_till"])
    return [{"till": "", "tender": tender, "amount": said} for tender, said in summary.get("over_short", {}).items()]


def _gross_by_day(days: Frame, lines: Iterable[HandedOver]) -> Any:
    """Net and tax together of each store-day's lines; 0 where it has none."""
    gross = frame_of(((s, d, net + tax) for s, d, _, net, tax in lines), [*DAY, "gross_minor"])
    by_day = gross.groupby(DAY)["gross_minor"].sum()
    return by_day.reindex(pd.MultiIndex.from_frame(days[DAY]), fill_value=0).to_numpy()


def _by_code(lines: Iterable[HandedOver], side: str) -> Frame:
    return frame_of(
        ((code, net, tax) for _, _, code, net, tax in lines), ["tax_code", f"{side}_net_minor", f"{side}_tax_minor"]
    )
