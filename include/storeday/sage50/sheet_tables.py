"""The tables of the sheet: what a manifest says, in rows of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from storeday.model.money import minor_of, money

Day = dict[str, Any]
"""A store-day of the manifest."""


@dataclass(frozen=True)
class Table:
    """A table of the sheet: the first ``texts`` columns are text, the others amounts or counts."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    total: tuple[str, ...] = ()
    texts: int = 1
    note: str = ""


def waiting(m: dict[str, Any]) -> Table:
    """The company's store-days that are not in the batch: why, with how much money, and what to do."""
    rows = [
        (f"{left['store']} {left['name']}", f"{left['state']}: {_why(left, m['trading_day'])}", _money(left["gross"]))
        for left in m["waiting"]
    ]
    note = "Each follows in a batch of its own."
    return Table("Not in this batch", ("Store", "Why, and what to do", "Takings so far"), rows, texts=2, note=note)


def takings(m: dict[str, Any]) -> Table:
    """What each store took, what of it is tax by code, and what is left as net sales."""
    days = m["store_days"]
    codes = sorted({code for day in days for code, of in day["tax_codes"].items() if minor_of(of["tax"])})
    is_corrected = any(day["revision"] > 1 for day in days)
    figures = {
        "Receipts": [day["receipts"] for day in days],
        "Sales": [minor_of(day["sales"]) for day in days],
        "Refunds": [minor_of(day["refunds"]) for day in days],
        "Takings": [minor_of(day["gross"]) for day in days],
        **{f"VAT {code}": [minor_of(day["tax_codes"].get(code, _NO_TAX)["tax"]) for day in days] for code in codes},
        "Not sales": [_beside_sales(day) for day in days],
        "Net sales": [minor_of(day["net"]) for day in days],
        "In this batch": [minor_of(day["staged_gross"]) for day in days],
    }
    if not is_corrected:
        del figures["In this batch"]
    if not any(figures["Not sales"]):
        del figures["Not sales"]
    return _by_store("Takings", days, figures, note=_WHOLE_DAYS if is_corrected else "", full_names=True)


def tax(m: dict[str, Any]) -> Table:
    """Net and tax of all stores together, by tax code."""
    net: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for day in m["store_days"]:
        for code, amounts in day["tax_codes"].items():
            net[code] += minor_of(amounts["net"])
            paid[code] += minor_of(amounts["tax"])
    rows = [(_code_words(code), money(net[code]), money(paid[code]), money(net[code] + paid[code])) for code in net]
    total = ("All", money(net.total()), money(paid.total()), money(net.total() + paid.total()))
    return Table("VAT by code", ("Code", "Net", "VAT", "Together"), sorted(rows), total)


def tenders(m: dict[str, Any]) -> Table:
    """What each store was paid with, and the account in Sage that it goes to."""
    days, accounts = m["store_days"], m["accounts"]
    used = sorted({tender for day in days for tender in day["tenders"]})
    figures = {
        f"{tender} → {_account_of(tender, accounts)}": [minor_of(day["tenders"].get(tender, "0")) for day in days]
        for tender in used
    }
    rounding = [minor_of(day["rounding"]) for day in days]
    if any(rounding):
        figures[f"Less rounding → {accounts['rounding']}"] = rounding
    figures["Takings"] = [minor_of(day["gross"]) for day in days]
    return _by_store("Where the money went", days, figures)


def over_short(m: dict[str, Any]) -> Table:
    """Each tender of a store that was counted as another amount than was taken."""
    accounts = m["accounts"]
    found = [
        (day, tender, minor_of(over))
        for day in m["store_days"]
        for tender, over in sorted(day["over_short"].items())
        if minor_of(over)
    ]
    rows = []
    for day, tender, over in found:
        taken = minor_of(day["tenders"].get(tender, "0"))
        word = "over" if over > 0 else "short"
        rows.append(
            (
                day["store"],
                tender,
                _account_of(tender, accounts),
                money(taken),
                money(taken + over),
                f"{money(abs(over))} {word}",
            )
        )
    net = sum(over for _, _, over in found)
    total = ("All", "", "", "", "", f"{money(abs(net))} {'over' if net > 0 else 'short'}" if net else "0.00")
    columns = ("Store", "Tender", "Banked in", "Taken", "Counted and banked", f"To {accounts['over_short']}")
    return Table("Counted over or short", columns, rows, total, texts=3)


def rounding(m: dict[str, Any]) -> Table:
    """The receipts whose cash was rounded."""
    days = m["store_days"]
    rows = [
        (day["store"], rounded["till"], rounded["receipt"], money(minor_of(rounded["amount"])))
        for day in days
        for rounded in day["rounded"]["listed"]
    ]
    more = sum(day["rounded"]["receipts"] for day in days) - len(rows)
    total = ("All", "", "", money(sum(minor_of(day["rounding"]) for day in days)))
    title = f"Cash rounding, to {m['accounts']['rounding']}"
    note = f"And {more:,} receipts more, which All holds." if more else ""
    return Table(title, ("Store", "Till", "Receipt", "Rounded by"), rows, total, texts=3, note=note)


def beside_sales(m: dict[str, Any]) -> Table:
    """What passed through the tills and is no sale of the day: gift cards, and money moved in (or out, below zero)."""
    accounts = m["accounts"]
    days = [day for day in m["store_days"] if any(minor_of(amount) for amount in _beside(day, accounts).values())]
    columns = sorted({what for day in days for what, amount in _beside(day, accounts).items() if minor_of(amount)})
    figures = {what: [minor_of(_beside(day, accounts).get(what, "0")) for day in days] for what in columns}
    return _by_store("Gift cards and money moved", days, figures)


def accounts(m: dict[str, Any]) -> Table:
    """What customers with an account were charged and what they paid off, under their reference in Sage."""
    found = [(day["store"], each) for day in m["store_days"] for each in day["accounts"]]
    rows = [
        (store, each["account"], each["customer"], _money(each["charged"]), _money(each["paid_off"]))
        for store, each in found
    ]
    sums = [money(sum(minor_of(each[side]) for _, each in found)) for side in ("charged", "paid_off")]
    columns = ("Store", "Customer in Sage", "At the tills", "Sold on account", "Paid off")
    return Table("Customers' accounts", columns, rows, ("All", "", "", *sums), texts=3)


def proof(m: dict[str, Any]) -> Table:
    """What each store-day's rows leave on the accounts and do to the VAT return, from the rows alone."""
    days, boxes = m["store_days"], box_words(m["edition"])
    on_customers = bool(m["proof"]["takings_customers"])
    columns = ["Store", "Reference", "Rows", f"Till control {m['accounts']['till_control']}"]
    columns += ["Takings customer"] * on_customers
    columns += [f"{what[:1].upper()}{what[1:]}" for what in boxes.values()]
    rows = []
    for day in days:
        left = [money(minor_of(day["takings_customer"] or "0"))] * on_customers
        moved = [money(minor_of(day["vat_boxes"][box])) for box in boxes]
        rows.append((day["store"], day["reference"], f"{day['rows']:,}", _money(day["till_control"]), *left, *moved))
    said = m["proof"]
    customers = [money(sum(minor_of(left) for left in said["takings_customers"].values()))] * on_customers
    moved = [money(minor_of(said["vat_boxes"][box])) for box in boxes]
    count = f"{sum(day['rows'] for day in days):,}"
    total = ("All", "", count, _money(said["till_control"]["balance"]), *customers, *moved)
    return Table("Proof, from the rows alone", tuple(columns), rows, total, texts=2)


def worth_a_look(m: dict[str, Any]) -> Table:
    """Warnings of all stores, each with the amount that it is about."""
    rows = [(day["store"], what, amount) for day in m["store_days"] for what, amount in _looks(day)]
    return Table("Worth a look", ("Store", "What", "Amount"), rows, texts=2)


def not_provable(m: dict[str, Any]) -> Table:
    """What the files of some stores' tills can't prove and is not checked, with the stores."""
    stores: dict[str, list[str]] = {}
    for day in m["store_days"]:
        for what in day["not_provable"]:
            stores.setdefault(what, []).append(day["store"])
    rows = [(what, ", ".join(named)) for what, named in stores.items()]
    return Table("Not checked, since the tills' files cannot prove it", ("What", "Stores"), rows, texts=2)


def names(m: dict[str, Any]) -> Table:
    """Names that stand otherwise in Sage than with us."""
    rows = [(name["name"], name["written"]) for name in m["names"]]
    return Table("Names as they stand in Sage", ("With us", "In Sage"), rows, texts=2)


def box_words(edition: str) -> dict[str, str]:
    """How the VAT return calls what a sale moves, by box of the UK's; Ireland's return has other boxes."""
    words = {"1": "VAT on sales", "6": "net sales", "4": "VAT on purchases", "7": "net purchases"}
    if edition == "sage50-ie":
        return words
    return {box: f"box {box} ({what})" for box, what in words.items()}


_NO_REASON = {
    "expected": "nothing of the day has come. See that the store's tills send their files.",
    "received": "its files came and were not checked. Run the day again.",
}
_NO_TAX = {"tax": "0"}
_WHOLE_DAYS = "A corrected store-day stands here as it is now, whole; In this batch has the sales that are new."


def _by_store(
    title: str, days: list[Day], figures: dict[str, list[int]], *, note: str = "", full_names: bool = False
) -> Table:
    """A row a store and a sum of each column; the column Receipts counts, the others are amounts."""
    written = {
        name: [f"{n:,}" if name == "Receipts" else money(n) for n in [*column, sum(column)]]
        for name, column in figures.items()
    }
    stores = [f"{day['store']} {day['name']}" if full_names else day["store"] for day in days]
    rows = [tuple(cells) for cells in zip([*stores, "All"], *written.values(), strict=True)]
    return Table(title, ("Store", *written), rows[:-1], rows[-1], note=note)


def _why(left: dict[str, Any], day: str) -> str:
    """The reasons of a store-day that waits, a few lines each, and where a person may decide about them."""
    if not left["reasons"]:
        return _NO_REASON.get(left["state"], "run the day again.")
    lines = [line for each in left["reasons"] for line in (each["why"], *each["first"][:3], each["what_now"])]
    if any(each["ends_by"] != "correction" for each in left["reasons"]):
        lines.append(f"What a person may decide: storeday hold show {left['store']} {day}")
    return "\n".join(lines)


def _beside_sales(day: Day) -> int:
    moved = sum(minor_of(amount) for amount in day["moved"].values())
    return minor_of(day["vouchers_sold"]) + moved + minor_of(day["paid_off"])


def _beside(day: Day, accounts: dict[str, Any]) -> dict[str, str]:
    """Amounts by what they are and the account in Sage that they go to."""
    vouchers = accounts["voucher_liability"]
    return {
        f"Gift cards sold → {vouchers}": day["vouchers_sold"],
        f"Gift cards redeemed → {vouchers}": day["vouchers_redeemed"],
        **{f"{name} → {accounts['movements'].get(name, '')}": amount for name, amount in day["moved"].items()},
    }


def _looks(day: Day) -> Iterator[tuple[str, str]]:
    for warning in day["warnings"]:
        yield warning["what"], _money(warning["amount"])
    off = day["tax_differences"]
    if off["found"]:
        first = "; ".join(
            f"till {line['till']} receipt {line['receipt']} {line['sku']} {line['tax']}, by the rate {line['by_rate']}"
            for line in off["listed"][:3]
        )
        what = f"VAT of {off['found']:,} of {off['of']:,} lines is not what the rate gives; the tills' is posted"
        yield f"{what}. First: {first}", _money(off["sum"])
    if day["duplicates"]:
        came = "receipt came twice and counts" if day["duplicates"] == 1 else "receipts came twice and count"
        yield f"{day['duplicates']:,} {came} once", ""


def _account_of(tender: str, accounts: dict[str, Any]) -> str:
    target = str(accounts["tenders"].get(tender, ""))
    return {"voucher": str(accounts["voucher_liability"]), "customer": "customers"}.get(target, target)


def _code_words(code: str) -> str:
    return f"{code}, off the return" if code == "T9" else code


def _money(amount: str | None) -> str:
    return money(minor_of(amount)) if amount else ""
