"""What a script of one's own writes from its sums: one journal CSV for Sage. And whether its sums are the sample's.

For tests/bench/{plain_pandas,with_polars,with_duckdb}.py: each makes the same sums in its own way, in a process of its
own. Only the arithmetic of a day is done. No file is held to its marker, no receipt looked for twice, no gap found, no
tender that doesn't add up, nothing known of what was handed over before.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import measured

Sales = list[tuple[str, str, str, int, int]]
"""Store, category, tax class, gross and tax in pence."""
Tenders = list[tuple[str, str, int]]
"""Store, tender, pence."""


@dataclass(frozen=True)
class Sums:
    """One trading day of a chain: what was sold, what was paid, what was counted in cash."""

    sales: Sales
    tenders: Tenders
    counted: Tenders


def main(read: Callable[[Path], Sums]) -> None:
    """Read a chain's files, write the journal, print what that took; then hold the sums to the truth.

    Raises: SystemExit where they are not the sample's.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--in", dest="chain", type=Path, required=True)
    chain = parser.parse_args().chain
    with measured() as took:
        sums = read(chain / "sources")
        write_journal(sums, chain / "journal.csv")
    said = took.said()
    if found := wrong(sums, chain / "sources" / "truth.json"):
        raise SystemExit("\n".join(["not the sample's sums:", *found[:20]]))
    print(json.dumps(said))


NOMINALS = {
    **dict.fromkeys(("BAKERY", "GROCERY", "PRODUCE", "SNACKS"), 4000),
    **dict.fromkeys(("DELI", "HOTFOOD"), 4001),
    **dict.fromkeys(("DRINKS", "ALCOHOL"), 4002),
    **dict.fromkeys(("HEALTH", "HOUSEHOLD"), 4003),
    **dict.fromkeys(("POSTAGE", "LOTTERY"), 4005),
    **{"FUEL": 4004, "NEWS": 4006, "GIFTCARD": 2150},
}
TAX_CODES = {"STD": "T1", "RED": "T5", "ZERO": "T0", "EXEMPT": "T2", "OUT": "T9"}
DEPOSITS = {"CASH": 1230, "VISA": 1250, "MC": 1250, "AMEX": 1251, "GIFT": 2150, "ACCOUNT": 1100}


def write_journal(sums: Sums, target: Path) -> None:
    """Sales credited by nominal and tax code, what was paid debited, cash over and short."""
    rows: list[list[Any]] = [["Type", "Nominal", "Reference", "Details", "Net", "Tax code", "Tax"]]
    for store, category, tax_class, gross, tax in sums.sales:
        rows.append(
            ["JC", NOMINALS[category], store, category, _pounds(gross - tax), TAX_CODES[tax_class], _pounds(tax)]
        )
    for store, tender, paid in sums.tenders:
        rows.append(["JD", DEPOSITS[tender], store, tender, _pounds(paid), "T9", "0.00"])
    for store, tender, off in _over_short(sums):
        rows.append(
            ["JD" if off >= 0 else "JC", DEPOSITS[tender], store, "over/short", _pounds(abs(off)), "T9", "0.00"]
        )
    with target.open("w", newline="", encoding="ascii") as file:
        csv.writer(file).writerows(rows)


def wrong(sums: Sums, truth: Path) -> list[str]:
    """In what the sums are not those of the sample's truth.json."""
    stores = json.loads(truth.read_text(encoding="utf-8"))["stores"]
    days = [(store, day) for store, days in stores.items() for day in days.values()]
    wanted: Sums = Sums(
        sales=[
            (store, each["category"], each["tax_class"], each["gross_minor"], each["tax_minor"])
            for store, day in days
            for each in day["sales"]
        ],
        tenders=[(store, tender, paid) for store, day in days for tender, paid in day["tenders"].items()],
        counted=[],
    )
    off = [(store, tender, minor) for store, day in days for tender, minor in day["over_short"].items()]
    pairs = (
        ("sales", sums.sales, wanted.sales),
        ("tenders", sums.tenders, wanted.tenders),
        ("cash over or short", _over_short(sums), off),
    )
    return [f"{what}: {row}" for what, got, should in pairs for row in sorted(set(got) ^ set(should)) if any(row[-1:])]


def _over_short(sums: Sums) -> Tenders:
    taken = {(store, tender): paid for store, tender, paid in sums.tenders}
    return [(store, tender, held - taken.get((store, tender), 0)) for store, tender, held in sums.counted]


def _pounds(pence: int) -> str:
    sign = "-" if pence < 0 else ""
    return f"{sign}{abs(pence) // 100}.{abs(pence) % 100:02d}"
