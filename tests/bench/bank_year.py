"""How long a year of five stores and four tenders takes against the statements of an acquirer and a bank.

    PYTHONPATH=tests/bench python tests/bench/bank_year.py --in DIR

The store-days are written into a ledger first, and the statements made of them (storeday.sample.statements): neither is
timed. What is found is held to what is wrong in them.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from chains import COMPANY
from measuring import peak_mb
from storeday.config.environment import Environment, config_folder, expectations_folder
from storeday.ledger.facts import StoreDayFact
from storeday.model.money import plain
from storeday.model.store_day import State
from storeday.sample.statements import write_statements
from storeday.stages.bank import hold_to_bank
from storeday.stages.workplace import Workplace

FIRST, DAYS, STORES = date(2026, 1, 1), 365, 5
TENDERS = ("VISA", "MC", "AMEX", "CASH")
Year = dict[str, dict[str, dict[str, Any]]]


def main() -> None:
    """Write the year, make its statements, and hold them to it by the clock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    home: Path = parser.parse_args().folder
    home.mkdir(parents=True)
    year = _drawn()
    (home / "truth.json").write_text(json.dumps({"stores": year}))
    statements = write_statements(home / "truth.json")
    where = Environment(config_folder(), str(home), f"sqlite:///{home / 'ledger.sqlite'}", expectations_folder())
    with Workplace.open("bench", where) as work:
        for fact in _facts(year):
            work.ledger.record_verdict(fact, [], {}, "as drawn", work.by)
    wrong = json.loads((statements / "truth.json").read_text())
    with Workplace.open("bench", where) as work:
        for kind in ("northpay", "bank"):
            content = {f"{kind}.csv": (statements / f"{kind}.csv").read_bytes()}
            began, busy = time.perf_counter(), time.process_time()
            report = hold_to_bank(work, COMPANY, content)
            took, worked = time.perf_counter() - began, time.process_time() - busy
            lines = content[f"{kind}.csv"].count(b"\n") - 1
            print(
                f"{kind}: {lines:,} lines, {report.settled.findings} findings of {len(wrong[kind])} that are known; ",
                end="",
            )
            print(f"{took:.1f} s by the clock, {worked:.1f} s of processor time")
    print(f"peak memory {peak_mb():,.0f} MB")


def _drawn() -> Year:
    chance = np.random.default_rng(50)
    days = [(FIRST + timedelta(days=n)).isoformat() for n in range(DAYS)]
    drawn = chance.integers(5_000, 400_000, (STORES, DAYS, len(TENDERS))).tolist()
    return {
        f"S{store:02d}": {
            day: {"tenders": dict(zip(TENDERS, amounts, strict=True)), "over_short": {"CASH": -amounts[-1] % 7}}
            for day, amounts in zip(days, of_store, strict=True)
        }
        for store, of_store in enumerate(drawn, start=1)
    }


def _facts(year: Year) -> list[StoreDayFact]:
    listed = [{"till": "01", "receipt": f"{n:06d}", "sku": "10001", "tax": "0.01"} for n in range(100)]
    facts = []
    for store, days in year.items():
        for day, totals in days.items():
            said = {name: {code: plain(minor) for code, minor in found.items()} for name, found in totals.items()}
            payments = dict.fromkeys(TENDERS, 100)
            summary: dict[str, object] = {**said, "payments": payments, "tax_differences": {"listed": listed}}
            of = (store, date.fromisoformat(day), COMPANY, State.DELIVERED, "basis")
            facts.append(StoreDayFact(*of, receipts=400, gross_minor=0, tax_minor=0, summary=summary))
    return facts


if __name__ == "__main__":
    main()
