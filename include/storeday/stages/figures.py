"""A store-day's figures for sheet, manifest and board; amounts as text with two decimals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from storeday.checks.frames import Given
from storeday.checks.tax_frames import tax_frame
from storeday.config.mappings import VOUCHER, Mapping
from storeday.model.decisions import Decision
from storeday.model.money import money, plain
from storeday.model.store_day import Hold
from storeday.postings.day_sums import DaySums
from storeday.postings.tax_settlement import Settled

if TYPE_CHECKING:
    from storeday.stages.open_day import OpenDay

LISTED = 100
"""How many tax differences a manifest names one by one; their number and sum are those of all."""


def day_figures(sums: DaySums, opened: OpenDay, warned: list[Hold]) -> dict[str, object]:
    """All that is said of a store-day beside its rows."""
    given = opened.given
    return {
        "receipts": sums.receipts,
        "lines": given.once.tables.lines.num_rows,
        "sales": plain(sums.sales_minor),
        "refunds": plain(sums.refunds_minor),
        "gross": plain(sums.gross_minor),
        "tax": plain(sums.tax_minor),
        "vouchers_sold": plain(sums.vouchers_minor),
        "vouchers_redeemed": plain(sum(sums.taken.get(code, 0) for code in given.mapping.tenders_to(VOUCHER))),
        "net": plain(sums.gross_minor - sums.beside_sales_minor - sums.tax_minor),
        "moved": {category: plain(minor) for category, minor in sums.moved.items()},
        "paid_off": plain(sum(sums.paid_off.values())),
        "accounts": _by_customer(sums, given.mapping),
        "rounding": plain(sums.rounding_minor),
        "rounded": {
            "receipts": sums.rounded_receipts,
            "listed": [{"till": till, "receipt": no, "amount": plain(minor)} for till, no, minor in sums.rounded],
        },
        "tax_codes": _by_tax_code(sums),
        "tax_differences": _tax_differences(given) if given.guarantees.tax_by_class else _NONE_KNOWN,
        "tenders": {tender: plain(minor) for tender, minor in sums.taken.items()},
        "payments": sums.payments,
        "over_short": {tender: plain(minor) for tender, minor in sums.over_short.items()},
        "over_short_by_till": [
            {"till": till, "tender": tender, "amount": plain(minor)}
            for (till, tender), minor in sums.over_by_till.items()
        ],
        "duplicates": given.once.duplicates,
        "warnings": [
            *(warning_of(hold) for hold in warned),
            *_settled(opened.settled, given, opened.store.rounding.level),
            *(_warning(f"{file.why}; the first is kept") for file in opened.known.replaced),
            *(_warning(file.why) for file in opened.files if file.why),
            *(_warning(alert) for alert in opened.known.stock_alerts),
        ],
        "decisions": [_made(made) for made in opened.decisions],
        "not_provable": list(given.guarantees.not_given()),
        "pos_files": [
            {"name": file.name, "sha256": file.sha256, "receipts": day.receipts, "gross": plain(day.gross_minor)}
            for file in opened.files
            for day in file.days
        ],
    }


_NONE_KNOWN: dict[str, Any] = {"found": 0, "of": 0, "sum": "0.00", "listed": []}


def nothing_of(rollback: Decision) -> dict[str, object]:
    """The figures of a store-day that was rolled back: nothing, and who took it back and why."""
    amounts = "sales refunds gross tax vouchers_sold vouchers_redeemed net paid_off rounding".split()
    return {
        "receipts": 0,
        "lines": 0,
        **dict.fromkeys(amounts, plain(0)),
        **{name: {} for name in ("moved", "tax_codes", "tenders", "payments", "over_short")},
        "tax_differences": _NONE_KNOWN,
        "over_short_by_till": [],
        "duplicates": 0,
        "accounts": [],
        "rounded": {"receipts": 0, "listed": []},
        "warnings": [_warning(f"rolled back by {rollback.by}: {rollback.why}")],
        "decisions": [_made(rollback)],
        "not_provable": [],
        "pos_files": [],
    }


def _made(decision: Decision) -> dict[str, str]:
    return {"kind": str(decision.kind), "check": decision.check, "why": decision.why, "by": decision.by}


def _by_tax_code(sums: DaySums) -> dict[str, Any]:
    codes: dict[str, tuple[int, int]] = {}
    sold = sums.sold[["target", "tax_code", "gross_minor", "tax_minor"]]
    for target, code, gross, tax in sold.itertuples(index=False):
        if target != VOUCHER:
            net, of_code = codes.get(code, (0, 0))
            codes[code] = (net + int(gross) - int(tax), of_code + int(tax))
    return {code: {"net": plain(net), "tax": plain(tax)} for code, (net, tax) in sorted(codes.items())}


def _by_customer(sums: DaySums, mapping: Mapping) -> list[dict[str, str]]:
    """What customers' accounts were charged and what was paid off them, under their reference in Sage."""
    return [
        {
            "customer": customer,
            "account": mapping.customers[customer],
            "charged": plain(sums.on_account.get(customer, 0)),
            "paid_off": plain(sums.paid_off.get(customer, 0)),
        }
        for customer in sorted({*sums.on_account, *sums.paid_off})
    ]


def _tax_differences(given: Given) -> dict[str, Any]:
    """Every tax of the tills that is not what the rule gives on it: how many, how much, and the first by name.

    The tills' figure is the one posted. Source: retail rules, complaint 23.
    """
    frame = tax_frame(given.settled, given.tax, given.store.rounding)
    off = frame[frame["tax_gap_minor"] != 0] if len(frame) else frame
    if not len(off):
        return {**_NONE_KNOWN, "of": len(frame)}
    first = off.head(LISTED)
    lines = given.once.tables.lines.take(pa.array(first["first_line"].to_numpy()))
    said = given.once.tables.receipts.take(lines.column("receipt_row")).select(["till", "receipt"]).to_pylist()
    skus = lines.column("sku").to_pylist()
    columns = ("tax_kind", "gross_minor", "tax_minor", "tax_gap_minor")
    return {
        "found": len(off),
        "of": len(frame),
        "sum": plain(int(off["tax_gap_minor"].sum())),
        "listed": [
            {
                "till": receipt["till"],
                "receipt": receipt["receipt"],
                "sku": sku,
                "tax_code": given.tax.kinds[kind].code,
                "gross": plain(int(gross)),
                "tax": plain(int(tax)),
                "by_rate": plain(int(tax) - int(gap)),
            }
            for receipt, sku, (kind, gross, tax, gap) in zip(
                said, skus, first[list(columns)].itertuples(index=False), strict=True
            )
        ],
    }


def _settled(settled: Settled, given: Given, level: str) -> list[dict[str, str | None]]:
    """What was done where receipts and their lines did not agree on tax, in words."""
    if not len(settled.receipts):
        return []
    carried, several = "lines" if level == "line" else "receipt", "s" if len(settled.receipts) > 1 else ""
    named = given.once.tables.receipts.take(pa.array(settled.receipts[:5])).select(["till", "receipt"]).to_pylist()
    first = ", ".join(
        f"till {each['till']} receipt {each['receipt']}: lines {money(int(lines))}, receipt {money(int(receipt))}"
        for each, lines, receipt in zip(named, settled.of_lines_minor, settled.of_receipt_minor, strict=False)
    )
    of_lines, of_receipts = int(settled.of_lines_minor.sum()), int(settled.of_receipt_minor.sum())
    what = (
        f"tax of {len(settled.receipts):,} receipt{several} is not that of the lines (lines {money(of_lines)}, receipt"
        f"{several} {money(of_receipts)}); that of the {carried} is posted, since the store rounds by {level}: {first}"
    )
    return [_warning(what, of_receipts - of_lines)]


def warning_of(hold: Hold) -> dict[str, str | None]:
    """A warning as one sentence of the sheet, and the amount that it is about."""
    first = f"; first: {hold.examples[0]}. {hold.what_now}" if hold.examples else ""
    return _warning(hold.headline() + first, hold.out_by_minor)


def _warning(what: str, amount_minor: int | None = None) -> dict[str, str | None]:
    return {"what": what, "amount": None if amount_minor is None else plain(amount_minor)}
